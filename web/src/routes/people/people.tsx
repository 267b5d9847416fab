import { Route, Routes } from "react-router";
import { NotFound } from "@/routes/not-found";
import { OwnProfile } from "./own-profile";
import { PeopleList } from "./people-list";
import { Profile } from "./profile";

export default function People() {
  return (
    <Routes>
      <Route index element={<PeopleList />} />
      <Route path="me" element={<OwnProfile />} />
      <Route path=":id" element={<Profile />} />
      <Route path="*" element={<NotFound />} />
    </Routes>
  );
}
