import { lazy, Suspense, useState } from "react";
import { BrowserRouter, Route, Routes } from "react-router";
import { LiveRegions } from "@/components/live-regions";
import { Page } from "@/components/page";
import { toasts } from "@/components/toasts";
import { NotFound } from "@/routes/not-found";
import { useObservable } from "@/store/use-observable";
import { ErrorBoundary } from "./error-boundary";
import { AdministratorsOnly, Frame, MembersOnly } from "./frame";
import { SignOut } from "./sign-out";

const Home = lazy(() => import("@/routes/home"));
const SignIn = lazy(() => import("@/routes/sign-in"));
const SignUp = lazy(() => import("@/routes/sign-up"));
const MeetingPage = lazy(() => import("@/routes/meeting/meeting-page"));
const Chat = lazy(() => import("@/routes/chat/chat"));
const Blog = lazy(() => import("@/routes/blog/blog"));
const People = lazy(() => import("@/routes/people/people"));
const Settings = lazy(() => import("@/routes/settings/settings"));
const Administration = lazy(() => import("@/routes/administration/administration"));
const Toaster = lazy(() => import("@/components/toaster"));

export function App() {
  return (
    <BrowserRouter>
      <ErrorBoundary>
        <Suspense fallback={<div className="min-h-dvh" />}>
          <Screens />
        </Suspense>
      </ErrorBoundary>
      <LiveRegions />
      <Toasts />
    </BrowserRouter>
  );
}

/** Where one can come from outside, the server knows too: `PAGES` in `api/client.py`. */
function Screens() {
  return (
    <Routes>
      <Route element={<Frame />}>
        <Route index element={<Home />} />
        <Route path="blog/*" element={<Blog />} />
        <Route element={<MembersOnly />}>
          <Route path="chat/*" element={<Chat />} />
          <Route path="people/*" element={<People />} />
          <Route path="settings/*" element={<Settings />} />
          <Route element={<AdministratorsOnly />}>
            <Route path="administration/*" element={<Administration />} />
          </Route>
        </Route>
      </Route>
      <Route path="/signin" element={<SignIn />} />
      <Route path="/signup" element={<SignUp />} />
      <Route path="/signout" element={<SignOut />} />
      <Route path="/m/:meetingId" element={<MeetingPage />} />
      <Route
        path="*"
        element={
          <Page>
            <NotFound />
          </Page>
        }
      />
    </Routes>
  );
}

/** Loaded with the first one. */
function Toasts() {
  const none = useObservable(toasts, (shown) => shown.length === 0);
  const [wanted, setWanted] = useState(false);
  if (!none && !wanted) setWanted(true);
  return (
    wanted && (
      <Suspense>
        <Toaster />
      </Suspense>
    )
  );
}
