import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answered, api } from "@/api/client";
import { keys } from "@/api/keys";
import { type Pages, usePages } from "@/api/pages";
import { ifMatch } from "@/api/requests";
import type { components } from "@/generated/api";
import { Meters } from "./meters";

type Schemas = components["schemas"];
export type Account = Schemas["Account"];
export type AuditEntry = Schemas["AuditEntry"];
export type Invitation = Schemas["Invitation"];

/** What changes by itself is asked for again, ms. */
const REFRESH = 3_000;
/** Of running meetings as many as one answer holds. */
const MOST = 100;

export interface AccountFilter {
  search?: string;
  active?: boolean;
  admin?: boolean;
}

export function useAccounts(filter: AccountFilter): Pages<Account> {
  return usePages(keys.accounts.list(filter), (place) =>
    answered(api.GET("/admin/users", { params: { query: { ...place, ...filter } } })),
  );
}

export function useEditAccount({ id, version }: Account) {
  const renew = useRenewal();
  return useMutation({
    mutationFn: (body: Schemas["AccountChanges"]) => {
      const params = { path: { user_id: id }, header: ifMatch(version) };
      return answered(api.PATCH("/admin/users/{user_id}", { params, body }));
    },
    onSettled: renew,
  });
}

export function useDeleteAccount({ id }: Account) {
  const renew = useRenewal();
  return useMutation({
    mutationFn: () =>
      answered(api.DELETE("/admin/users/{user_id}", { params: { path: { user_id: id } } })),
    onSettled: renew,
  });
}

/** Each change has an entry in the trail. */
function useRenewal() {
  const client = useQueryClient();
  return () => {
    const changed = [keys.accounts.all, keys.invitations.all, keys.audit.all];
    return Promise.all(changed.map((queryKey) => client.invalidateQueries({ queryKey })));
  };
}

export function useInvitations(): Pages<Invitation> {
  return usePages(keys.invitations.list(), (query) =>
    answered(api.GET("/admin/invitations", { params: { query } })),
  );
}

export function useInvite() {
  const renew = useRenewal();
  return useMutation({
    mutationFn: (email: string) =>
      answered(api.POST("/admin/invitations", { body: email ? { email } : {} })),
    onSuccess: renew,
  });
}

export function useRevoke({ id }: Invitation) {
  const renew = useRenewal();
  return useMutation({
    mutationFn: () => {
      const params = { path: { invitation_id: id } };
      return answered(api.DELETE("/admin/invitations/{invitation_id}", { params }));
    },
    onSettled: renew,
  });
}

export function useRunningMeetings() {
  const [meters] = useState(() => new Meters());
  return useQuery({
    queryKey: keys.running,
    queryFn: async () => {
      const query = { limit: MOST };
      const { items } = await answered(api.GET("/admin/meetings", { params: { query } }));
      return meters.read(items, performance.now());
    },
    refetchInterval: REFRESH,
  });
}

export function useServer() {
  return useQuery({
    queryKey: keys.server,
    queryFn: async () => ({
      ...(await answered(api.GET("/admin/server"))),
      at: performance.now(),
    }),
    refetchInterval: REFRESH,
  });
}

export function useAudit(action: string): Pages<AuditEntry> {
  return usePages(keys.audit.list({ action }), (place) =>
    answered(
      api.GET("/admin/audit", { params: { query: { ...place, ...(action && { action }) } } }),
    ),
  );
}
