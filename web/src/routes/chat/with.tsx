import { useEffect } from "react";
import { useNavigate, useParams } from "react-router";
import { ErrorState } from "@/components/error-state";
import { Skeleton } from "@/components/skeleton";
import { NotFound } from "@/routes/not-found";
import { useBegin } from "./queries";

/** The conversation with one person, begun if there is none. */
export function With() {
  const { id = "" } = useParams();
  return /^\d{1,15}$/.test(id) ? <Found id={Number(id)} /> : <NotFound />;
}

function Found({ id }: { id: number }) {
  const navigate = useNavigate();
  const { mutate, error } = useBegin();
  const begin = () =>
    mutate(
      { kind: "direct", user_id: id },
      { onSuccess: (made) => void navigate(`/chat/${made.id}`, { replace: true }) },
    );
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each person
  useEffect(begin, [id]);
  if (error?.status === 404 || error?.status === 422) return <NotFound />;
  return (
    <div className="mx-auto w-full max-w-3xl px-4 py-8">
      {error ? <ErrorState error={error} onRetry={begin} /> : <Skeleton rows={6} />}
    </div>
  );
}
