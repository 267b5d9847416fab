import { Suspense } from "react";
import { Navigate, Outlet, useLocation } from "react-router";
import { accountToken } from "@/api/account";
import { useMe } from "@/api/queries";
import { Page } from "@/components/page";
import { Skeleton } from "@/components/skeleton";
import { NotFound } from "@/routes/not-found";
import { useObservable } from "@/store/use-observable";
import { ErrorBoundary } from "./error-boundary";
import { Shell } from "./shell";

/** The place of a screen: with navigation for whoever is signed in, without for strangers. */
export function Frame() {
  const signedIn = useObservable(accountToken) !== null;
  const Around = signedIn ? Shell : Page;
  const [, section] = useLocation().pathname.split("/");
  return (
    <Around>
      <ErrorBoundary key={section}>
        <Suspense fallback={<Loading />}>
          <Outlet />
        </Suspense>
      </ErrorBoundary>
    </Around>
  );
}

function Loading() {
  return (
    <div className="mx-auto w-full max-w-4xl px-4 py-6 sm:px-8 sm:py-10">
      <Skeleton />
    </div>
  );
}

/** Strangers are asked to sign in, and come back. */
export function MembersOnly() {
  const signedIn = useObservable(accountToken) !== null;
  const { pathname, search } = useLocation();
  if (signedIn) return <Outlet />;
  return <Navigate to={`/signin?next=${encodeURIComponent(pathname + search)}`} replace />;
}

/** For others there is no such page. */
export function AdministratorsOnly() {
  const me = useMe();
  if (!me) return <Loading />;
  return me.is_admin ? <Outlet /> : <NotFound />;
}
