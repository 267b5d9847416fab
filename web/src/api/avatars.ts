import { useQuery } from "@tanstack/react-query";
import { useObservable } from "@/store/use-observable";
import { accountToken } from "./account";
import { ApiError } from "./client";
import { keys } from "./keys";

/** What an `img` can show; pictures are not given without a token, which an `img` cannot show. */
export function useAvatar(path: string): string | undefined {
  const { data } = useQuery({
    queryKey: keys.avatar(path),
    queryFn: () => loadAvatar(path),
    enabled: useObservable(accountToken) !== null,
    staleTime: Number.POSITIVE_INFINITY, // another picture has another path
  });
  return data;
}

async function loadAvatar(path: string): Promise<string> {
  const headers = { Authorization: `Bearer ${accountToken.get()}` };
  const response = await fetch(new Request(path, { headers })).catch(() => {
    throw new ApiError(0, undefined);
  });
  if (!response.ok) throw new ApiError(response.status, undefined);
  return dataUrl(await response.blob());
}

/** Some kilobytes, and nobody has to release them. */
function dataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
