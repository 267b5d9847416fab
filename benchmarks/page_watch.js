// Notes in a page of a meeting, before its own scripts run: when what happens on the way in, long tasks,
// and React's commits. `window.watch` has it.
(() => {
  const watch = { marks: {}, commits: 0, longTasks: [] };
  window.watch = watch;
  const mark = (name) => {
    watch.marks[name] ??= performance.now();
  };

  // React tells its developer tools of each commit, in production too.
  window.__REACT_DEVTOOLS_GLOBAL_HOOK__ = {
    supportsFiber: true,
    renderers: new Map(),
    inject: () => 1,
    checkDCE: () => undefined,
    onCommitFiberUnmount: () => undefined,
    onPostCommitFiberRoot: () => undefined,
    onCommitFiberRoot: () => {
      watch.commits += 1;
    },
  };
  new PerformanceObserver((list) => {
    watch.longTasks.push(...list.getEntries().map(({ duration }) => duration));
  }).observe({ type: "longtask" });

  const began = (event) => {
    if (event.target.closest?.("button")?.textContent.trim() !== "Join") return;
    watch.marks = {};
    mark("click");
  };
  addEventListener("click", began, true);

  window.WebSocket = class extends WebSocket {
    constructor(...options) {
      super(...options);
      this.addEventListener("open", () => mark("connected to /ws"));
      this.addEventListener("message", ({ data }) => {
        if (data.includes('"participant_id"') && data.includes('"policy"')) mark("joined");
      });
    }
  };

  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...options) {
      super(...options);
      this.addEventListener("iceconnectionstatechange", () => {
        if (["connected", "completed"].includes(this.iceConnectionState)) mark("ICE");
      });
      this.addEventListener("connectionstatechange", () => {
        if (this.connectionState === "connected") mark("DTLS");
      });
    }
    async setLocalDescription(...options) {
      await super.setLocalDescription(...options);
      mark("offer");
    }
    async setRemoteDescription(...options) {
      mark("answer");
      await super.setRemoteDescription(...options);
      mark("answer applied");
    }
  };

  const watched = new WeakSet();
  const look = () => {
    for (const video of document.querySelectorAll('[data-testid="tile"] video')) {
      if (watched.has(video)) continue;
      watched.add(video);
      const frame = () => {
        const { name, state } = video.closest('[data-testid="tile"]')?.dataset ?? {};
        if (state === "video" && name?.startsWith("publisher")) mark("first frame");
        else video.requestVideoFrameCallback(frame);
      };
      video.requestVideoFrameCallback(frame);
    }
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
})();
