import { useEffect } from "react";
import { Navigate } from "react-router";
import { endSession } from "@/api/client";

/** An address of its own: from a members' screen one would be asked to sign in again. */
export function SignOut() {
  useEffect(endSession, []);
  return <Navigate to="/" replace />;
}
