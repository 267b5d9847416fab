import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { keepSignedIn } from "./api/keep-signed-in";
import { forgetOnSignOut, newQueryClient } from "./api/query-client";
import { followLanguage } from "./i18n/language";
import { followTheme } from "./settings/theme";
import { App } from "./shell/app";
import "./styles.css";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");

const queries = newQueryClient();
keepSignedIn();
forgetOnSignOut(queries);
followTheme();
followLanguage();

createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);
