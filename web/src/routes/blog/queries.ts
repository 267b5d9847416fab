import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answered, api } from "@/api/client";
import { keys } from "@/api/keys";
import { type Pages, usePages } from "@/api/pages";
import { ifMatch, makeOnce } from "@/api/requests";
import type { components } from "@/generated/api";

type Schemas = components["schemas"];
export type ListedPost = Schemas["ListedPost"];
export type Post = Schemas["Post"];

interface Filter {
  author?: number;
  search?: string;
}

export function usePosts(filter: Filter): Pages<ListedPost> {
  return usePages(keys.posts.list(filter), (place) =>
    answered(api.GET("/blogs", { params: { query: { ...place, ...filter } } })),
  );
}

export function useMyPosts(published: boolean): Pages<ListedPost> {
  return usePages(keys.posts.list({ mine: true, published }), (place) =>
    answered(api.GET("/blogs/mine", { params: { query: { ...place, published } } })),
  );
}

export function usePost(id: number) {
  return useQuery({ queryKey: keys.posts.one(id), queryFn: () => loadPost(id) });
}

export function loadPost(id: number): Promise<Post> {
  return answered(api.GET("/blogs/{post_id}", { params: { path: { post_id: id } } }));
}

export function usePreview(content: string, shown: boolean) {
  return useQuery({
    queryKey: [...keys.posts.all, "preview", content],
    queryFn: () => answered(api.POST("/blogs/preview", { body: { content } })),
    enabled: shown,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
}

export interface Writing {
  title: string;
  content: string;
  published: boolean;
}

/** Without a post before: a new one. */
export function useSavePost() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ post, writing }: { post: Post | null; writing: Writing }) =>
      post ? change(post, writing) : create(writing),
    onSuccess: async (post) => {
      client.setQueryData(keys.posts.one(post.id), post);
      await client.invalidateQueries({ queryKey: keys.posts.all });
    },
  });
}

export function useDeletePost() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: number) =>
      answered(api.DELETE("/blogs/{post_id}", { params: { path: { post_id: id } } })),
    onSuccess: async (_, id) => {
      client.removeQueries({ queryKey: keys.posts.one(id) });
      await client.invalidateQueries({ queryKey: [...keys.posts.all, "list"] });
    },
  });
}

function create(writing: Writing): Promise<Post> {
  return makeOnce((header) => answered(api.POST("/blogs", { params: { header }, body: writing })));
}

function change({ id, version }: Post, writing: Writing): Promise<Post> {
  return answered(
    api.PATCH("/blogs/{post_id}", {
      params: { path: { post_id: id }, header: ifMatch(version) },
      body: writing,
    }),
  );
}
