import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy, StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter, Route, Routes } from "react-router";
import { keepSignedIn } from "./api/keep-signed-in";
import { Home } from "./routes/home";
import { NotFound } from "./routes/not-found";
import { SignIn } from "./routes/sign-in";
import { SignUp } from "./routes/sign-up";
import "./styles.css";

const MeetingPage = lazy(() => import("./routes/meeting/meeting-page"));

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");

keepSignedIn();

createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={new QueryClient()}>
      <BrowserRouter>
        <Suspense fallback={<div className="stage min-h-dvh" />}>
          <Routes>
            <Route path="/" element={<Home />} />
            <Route path="/signin" element={<SignIn />} />
            <Route path="/signup" element={<SignUp />} />
            <Route path="/m/:meetingId" element={<MeetingPage />} />
            <Route path="*" element={<NotFound />} />
          </Routes>
        </Suspense>
      </BrowserRouter>
    </QueryClientProvider>
  </StrictMode>,
);
