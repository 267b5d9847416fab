// Shows the cameras of a meeting in an empty document: what that costs at least, with the same signaling,
// transport and pictures. A function, called with the meeting, how many pictures, and their size.
async ([meeting, count, width, height]) => {
  document.body.replaceChildren();
  document.body.style.cssText =
    "margin: 0; display: grid; grid-template-columns: 1fr 1fr; height: 100vh; background: black";
  const joining = await fetch(`/meetings/${meeting}/guests`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ name: "Bare" }),
  });
  const { token } = await joining.json();
  const socket = new WebSocket(`${location.origin.replace("http", "ws")}/ws`);
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("close", ({ code, reason }) => reject(`${code} ${reason}`));
  });
  const pending = new Map();
  let id = 0;
  const request = (type, fields) =>
    new Promise((resolve, reject) => {
      id += 1;
      pending.set(id, { resolve, reject });
      socket.send(JSON.stringify({ type, id, ...fields }));
    });
  socket.addEventListener("message", ({ data }) => {
    const message = JSON.parse(data);
    const waiting = pending.get(message.id);
    if (message.type === "reply" && message.result) waiting?.resolve(message.result);
    else if (message.id) waiting?.reject(new Error(data));
    if (message.type === "slots") request("slots_applied", { revision: message.revision });
  });
  await request("authenticate", { token });
  const { joined } = await request("join", { meeting_id: meeting });
  const cameras = joined.participants
    .flatMap(({ tracks }) => tracks)
    .filter(({ source }) => source === "camera");
  const connection = new RTCPeerConnection();
  window.connection = connection;
  connection.addEventListener("track", ({ track }) => {
    const element = document.createElement(track.kind);
    element.autoplay = true;
    element.style.cssText = "width: 100%; height: 100%; min-height: 0; object-fit: contain";
    element.srcObject = new MediaStream([track]);
    document.body.append(element);
  });
  for (const kind of ["audio", "video"]) {
    for (let i = 0; i < count; i += 1) connection.addTransceiver(kind, { direction: "recvonly" });
  }
  await connection.setLocalDescription();
  const answer = await request("offer", { sdp: connection.localDescription.sdp });
  await connection.setRemoteDescription({ type: "answer", sdp: answer.sdp });
  const tracks = cameras.slice(0, count).map((one) => ({ track_id: one.id, width, height }));
  await request("view", { tracks });
}
