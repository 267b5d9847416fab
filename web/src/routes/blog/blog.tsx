import { Navigate, Route, Routes, useLocation } from "react-router";
import { accountToken } from "@/api/account";
import { NotFound } from "@/routes/not-found";
import { useObservable } from "@/store/use-observable";
import { EditPost, NewPost } from "./edit-post";
import { MyPosts } from "./my-posts";
import { Posts } from "./posts";
import { ReadPost } from "./read-post";

/** Anybody may read; who writes is signed in. */
export default function Blog() {
  const signedIn = useObservable(accountToken) !== null;
  const { pathname } = useLocation();
  const ask = <Navigate to={`/signin?next=${encodeURIComponent(pathname)}`} replace />;
  return (
    <Routes>
      <Route index element={<Posts />} />
      <Route path="mine" element={signedIn ? <MyPosts /> : ask} />
      <Route path="new" element={signedIn ? <NewPost /> : ask} />
      <Route path=":id" element={<ReadPost />} />
      <Route path=":id/edit" element={signedIn ? <EditPost /> : ask} />
      <Route path="*" element={<NotFound />} />
    </Routes>
  );
}
