/** A picture of oneself: its middle, small enough for any network, without where it was taken. */

/** Pixels of a side: twice what the server keeps, for it to scale down well. */
const SIDE = 512;
/** Bytes. What is larger takes too much memory to be looked at. */
const MAX_FILE = 40 * 1024 * 1024;

export class PictureError extends Error {
  readonly reason: "too_large" | "unreadable";

  constructor(reason: PictureError["reason"]) {
    super(reason);
    this.reason = reason;
  }
}

/** Raises PictureError. Whatever this browser can show is a picture, that of an iPhone too. */
export async function squareOf(file: File): Promise<Blob> {
  if (file.size > MAX_FILE) throw new PictureError("too_large");
  const image = await createImageBitmap(file).catch(() => {
    throw new PictureError("unreadable");
  });
  const canvas = document.createElement("canvas");
  canvas.width = SIDE;
  canvas.height = SIDE;
  const { left, top, side } = middle(image.width, image.height);
  const context = canvas.getContext("2d");
  if (context) context.imageSmoothingQuality = "high";
  context?.drawImage(image, left, top, side, side, 0, 0, SIDE, SIDE);
  image.close();
  return new Promise((resolve, reject) => {
    const take = (blob: Blob | null) =>
      blob ? resolve(blob) : reject(new PictureError("unreadable"));
    canvas.toBlob(take, "image/png");
  });
}

/** The largest square in the middle. */
export function middle(width: number, height: number) {
  const side = Math.min(width, height);
  return { left: (width - side) / 2, top: (height - side) / 2, side };
}
