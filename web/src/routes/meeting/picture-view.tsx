import { useLayoutEffect, useRef } from "react";
import type { Picture } from "@/media/picture";

interface Props {
  picture: Picture;
  shown: boolean;
  /** The whole picture, as a screen needs it, or filling the tile. */
  whole: boolean;
}

/** Puts the element of a picture on the page. It stays the picture's own: see `Picture`. */
export function PictureView({ picture, shown, whole }: Props) {
  const host = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    host.current?.replaceChildren(picture.element);
    void picture.element.play().catch(() => undefined);
  }, [picture]);
  return (
    <div
      ref={host}
      className={`absolute inset-0 *:size-full ${whole ? "*:object-contain" : "*:object-cover"} ${shown ? "" : "invisible"}`}
    />
  );
}
