import { answered, api } from "@/api/client";
import { keys } from "@/api/keys";
import { type Pages, usePages } from "@/api/pages";
import type { components } from "@/generated/api";

export type ListedPost = components["schemas"]["ListedPost"];

export function usePosts(): Pages<ListedPost> {
  return usePages(keys.posts.list(), (query) => answered(api.GET("/blogs", { params: { query } })));
}
