/** Files on their way to the server, and their sizes in words. */

/** Discord's limit for people without a subscription, in bytes. */
export const LARGEST_FILE = 10 * 1024 * 1024;

/** Returns a file as the server takes it: {filename, content_type, base64}. */
export function packed(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onerror = () => reject(new Error(`${file.name} could not be read.`));
    reader.onload = () => {
      const base64 = String(reader.result).split(",", 2)[1] ?? "";
      resolve({ filename: file.name, content_type: file.type || "application/octet-stream", base64 });
    };
    reader.readAsDataURL(file);
  });
}

/** Returns a number of bytes in words. */
export function inBytes(size) {
  if (!Number.isFinite(size)) return "";
  if (size < 1024) return `${size} B`;
  if (size < 1024 * 1024) return `${(size / 1024).toFixed(1)} KB`;
  return `${(size / 1024 / 1024).toFixed(1)} MB`;
}

/** Returns the sentence that refuses a file, or null where it may be sent. */
export function refusal(file) {
  return file.size > LARGEST_FILE ? `${file.name} is larger than 10 MB, more than may be sent.` : null;
}
