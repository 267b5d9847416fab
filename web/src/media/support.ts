/** Whether this browser has what a meeting cannot be without. Devices are another matter. */
export function canMeet(): boolean {
  return (
    "RTCPeerConnection" in window &&
    "RTCRtpTransceiver" in window &&
    "setCodecPreferences" in RTCRtpTransceiver.prototype
  );
}
