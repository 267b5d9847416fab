// Watches a meeting from inside its page: which face each frame of each tile shows.
// An expression, called with the faces' colours by name. Runs before the page's own scripts.
(faces) => {
  const SIZE = 8; // pixels of the picture's thumbnail
  const NEAR = 90; // largest distance, summed over the three channels, to be taken for a face
  const STALL = 2000; // ms without a frame
  const TICKS = 90; // of the RTP clock of video, in a ms
  const canvas = new OffscreenCanvas(SIZE, SIZE);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const watched = new WeakSet();
  const shown = new Map(); // "name/source" -> { face: number of frames }
  const latest = new Map(); // "name/source" -> when the last frame was shown, ms
  const analysers = new Map(); // audio element -> AnalyserNode
  const strangers = []; // frames of one person under another's name
  const handovers = []; // from one tile's last frame to another's first
  let before = null; // the latest frame of any tile, and how long the one before it was shown, ms
  let longestGap = 0;

  const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

  // Cleared first, as a video without a frame draws nothing.
  // The bar that wanders through the picture covers less than half of it.
  const colour = (video) => {
    context.clearRect(0, 0, SIZE, SIZE);
    context.drawImage(video, 0, 0, SIZE, SIZE);
    const pixels = context.getImageData(0, 0, SIZE, SIZE).data;
    return [0, 1, 2].map((channel) => median([...pixels.filter((_, i) => i % 4 === channel)]));
  };

  const nearest = (rgb) => {
    const distances = Object.entries(faces).map(([name, face]) => [
      face.reduce((sum, value, i) => sum + Math.abs(value - rgb[i]), 0),
      name,
    ]);
    const [distance, name] = distances.sort((a, b) => a[0] - b[0])[0];
    return distance <= NEAR ? name : "nobody";
  };

  const key = (tile) => `${tile.dataset.name}/${tile.dataset.source}`;

  const count = (tile, video) => {
    const face = nearest(colour(video));
    const frames = shown.get(key(tile)) ?? {};
    frames[face] = (frames[face] ?? 0) + 1;
    shown.set(key(tile), frames);
    const { name, source } = tile.dataset;
    if (source === "camera" && name in faces && face in faces && face !== name) {
      strangers.push(`${face} under ${name}`);
    }
  };

  const handOver = (frame) => {
    const shown = before ? frame.now - before.now : 0;
    if (before && before.key !== frame.key) {
      const ticks = (frame.rtpTimestamp - before.rtpTimestamp) | 0;
      handovers.push({ shown, media: ticks / TICKS, pace: before.shown });
    }
    before = { ...frame, shown };
  };

  const watch = (video) => {
    watched.add(video);
    let last = null;
    const frame = (now, { rtpTimestamp }) => {
      const tile = video.closest('[data-testid="tile"]');
      const visible = tile?.dataset.state === "video";
      if (visible) {
        count(tile, video);
        latest.set(key(tile), now);
        handOver({ key: key(tile), now, rtpTimestamp });
      }
      if (visible && last !== null) longestGap = Math.max(longestGap, now - last);
      last = visible ? now : null;
      video.requestVideoFrameCallback(frame);
    };
    video.requestVideoFrameCallback(frame);
  };

  const tiles = () => [...document.querySelectorAll('[data-testid="tile"]')];

  const look = () => {
    for (const tile of tiles()) {
      for (const video of tile.querySelectorAll("video")) if (!watched.has(video)) watch(video);
    }
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });

  const loudest = (element) => {
    let analyser = analysers.get(element);
    if (analyser?.stream !== element.srcObject) {
      const audio = new AudioContext();
      const node = new AnalyserNode(audio, { fftSize: 4096, smoothingTimeConstant: 0 });
      audio.createMediaStreamSource(element.srcObject).connect(node);
      analyser = { stream: element.srcObject, node };
      analysers.set(element, analyser);
    }
    const { node } = analyser;
    const bins = new Float32Array(node.frequencyBinCount);
    node.getFloatFrequencyData(bins);
    const top = bins.reduce((best, value, i) => (value > bins[best] ? i : best), 0);
    return { hertz: (top * node.context.sampleRate) / node.fftSize, decibels: bins[top] };
  };

  const statistics = async (kind, track) => {
    const report = (await window.tertulia?.pc()?.getStats(track)) ?? new Map();
    return [...report.values()].filter((entry) => entry.type === kind && entry.kind === "video");
  };

  window.probe = {
    // Frames seen so far of a face in the tile of a name.
    frames: (name, source = "camera", face = name) => shown.get(`${name}/${source}`)?.[face] ?? 0,
    // The same, whatever the picture shows.
    anyFrames: (name, source = "camera") =>
      Object.values(shown.get(`${name}/${source}`) ?? {}).reduce((sum, n) => sum + n, 0),
    // When the latest frame was shown, on the clock of performance.now().
    latest: (name, source = "camera") => latest.get(`${name}/${source}`) ?? 0,
    strangers: () => strangers,
    // How one picture followed another, where one alone is shown at a time: ms on the page, ms
    // between the moments of capture, and ms between two frames just before.
    handovers: () => handovers,
    tile: (name, source = "camera") =>
      tiles().find((tile) => tile.dataset.name === name && tile.dataset.source === source) ?? null,
    names: (source = "camera") =>
      tiles()
        .filter((tile) => tile.dataset.source === source)
        .map((tile) => tile.dataset.name)
        .sort(),
    // Does anybody's voice have this tone just now?
    hears: (hertz) =>
      [...document.querySelectorAll('[data-testid="audio"]')]
        .filter((element) => element.srcObject?.getAudioTracks().length)
        .map(loudest)
        .some((peak) => peak.decibels > -70 && Math.abs(peak.hertz - hertz) < 40),
    // What getStats tells of the stream in the tile of a name; {} where there is none.
    received: async (name, source = "camera") => {
      const video = window.probe.tile(name, source)?.querySelector("video");
      const [track] = video?.srcObject?.getVideoTracks() ?? [];
      return (track && (await statistics("inbound-rtp", track))[0]) ?? {};
    },
    // Bytes of all pictures received.
    bytesReceived: async () =>
      (await statistics("inbound-rtp")).reduce((sum, entry) => sum + entry.bytesReceived, 0),
    // Bytes sent of each simulcast encoding, by rid.
    bytesSent: async () =>
      Object.fromEntries(
        (await statistics("outbound-rtp"))
          .filter((entry) => entry.rid && entry.bytesSent)
          .map((entry) => [entry.rid, entry.bytesSent]),
      ),
    // Sum of totalAudioEnergy, as of getStats, over all that is received.
    energy: async () => {
      const report = (await window.tertulia?.pc()?.getStats()) ?? new Map();
      return [...report.values()]
        .filter((entry) => entry.type === "inbound-rtp" && entry.kind === "audio")
        .reduce((sum, entry) => sum + (entry.totalAudioEnergy ?? 0), 0);
    },
    describe: () =>
      JSON.stringify({
        tiles: tiles().map((tile) => ({ ...tile.dataset })),
        shown: Object.fromEntries(shown),
        strangers,
        longestGap,
        connection: window.tertulia?.pc()?.connectionState,
        text: document.body.innerText.slice(0, 500),
      }),
  };
}
