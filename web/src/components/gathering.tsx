/** Four people around a table of tiles: the picture of the front page. */

interface Person {
  x: number;
  y: number;
  wall: string;
  skin: string;
  shirt: string;
  hair: string;
  speaks?: boolean;
}

const PEOPLE: Person[] = [
  { x: 0, y: 0, wall: "#1b7076", skin: "#e8b792", shirt: "#f7f2e9", hair: "#2b2320" },
  { x: 1, y: 0, wall: "#d9694a", skin: "#8d5a3c", shirt: "#f2b441", hair: "#1a1413", speaks: true },
  { x: 0, y: 1, wall: "#e3c58f", skin: "#c98f68", shirt: "#0f5e63", hair: "#5a3a26" },
  { x: 1, y: 1, wall: "#35515a", skin: "#f1cdb0", shirt: "#c8553d", hair: "#b98a4b" },
];

const WIDTH = 276;
const HEIGHT = 206;
const GAP = 14;

export function Gathering({ className = "" }: { className?: string }) {
  return (
    <svg viewBox="-10 -10 586 446" className={className} aria-hidden="true">
      <defs>
        <clipPath id="tile">
          <rect width={WIDTH} height={HEIGHT} rx="26" />
        </clipPath>
        <pattern id="glaze" width="46" height="46" patternUnits="userSpaceOnUse">
          <path
            d="M0 23a23 23 0 0 0 23-23M23 46a23 23 0 0 1 23-23"
            fill="none"
            stroke="#fff"
            strokeOpacity="0.13"
            strokeWidth="2"
          />
        </pattern>
      </defs>
      {PEOPLE.map((person) => (
        <PersonTile key={`${person.x} ${person.y}`} {...person} />
      ))}
    </svg>
  );
}

function PersonTile({ x, y, wall, skin, shirt, hair, speaks }: Person) {
  return (
    <g transform={`translate(${x * (WIDTH + GAP)} ${y * (HEIGHT + GAP)})`}>
      <g clipPath="url(#tile)">
        <rect width={WIDTH} height={HEIGHT} fill={wall} />
        <rect width={WIDTH} height={HEIGHT} fill="url(#glaze)" />
        <path d="M52 206c2-48 36-72 86-72s84 24 86 72z" fill={shirt} />
        <path d="M118 112h40v30a20 20 0 0 1-40 0z" fill={skin} />
        <path d="M93 92c0-34 16-56 45-56s45 22 45 56l-8 22h-74z" fill={hair} />
        <ellipse cx="138" cy="92" rx="33" ry="38" fill={skin} />
        <path
          d="M104 88c4-26 18-36 36-36s30 10 33 34c-16-2-26-8-33-17-8 11-20 17-36 19z"
          fill={hair}
        />
        <path
          d={speaks ? "M126 112c4 9 20 9 24 0z" : "M127 113c6 5 16 5 22 0"}
          fill={speaks ? "#5c2018" : "none"}
          stroke="#5c2018"
          strokeWidth="2.4"
          strokeLinecap="round"
        />
        <g fill="#1b1513">
          <circle cx="125" cy="92" r="2.8" />
          <circle cx="151" cy="92" r="2.8" />
        </g>
      </g>
      {speaks && (
        <rect
          x="-5"
          y="-5"
          width={WIDTH + 10}
          height={HEIGHT + 10}
          rx="31"
          fill="none"
          stroke="#f2b441"
          strokeWidth="5"
        />
      )}
    </g>
  );
}
