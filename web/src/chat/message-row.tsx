import { EllipsisVertical, Pencil, Trash2 } from "lucide-react";
import { memo, useContext } from "react";
import { Avatar } from "@/components/avatar";
import { IconButton } from "@/components/icon-button";
import { Menu, MenuItem } from "@/components/menu";
import { Time } from "@/components/time";
import { useText } from "@/i18n/text";
import { chatTexts } from "@/locales/chat";
import type { Author, Message } from "./conversation";
import { Faces } from "./faces";
import { piecesOf } from "./links";

interface Props {
  message: Message;
  own: boolean;
  head: boolean;
  mayDelete: boolean;
  onEdit: (message: Message) => void;
  onDelete: (message: Message) => void;
  floating: string;
}

export const MessageRow = memo(function MessageRow(props: Props) {
  const t = useText(chatTexts);
  const { message, own, head } = props;
  const { author, content, created_at, edited_at } = message;
  return (
    <div
      className={`group flex gap-2.5 px-4 ${head ? "pt-3" : "pt-0.5"} ${own ? "justify-end" : ""}`}
    >
      {!own && <span className="w-9 shrink-0">{head && <Face author={author} />}</span>}
      <div className={`grid max-w-[85%] min-w-0 ${own ? "justify-items-end" : ""}`}>
        {head && (
          <p className="mb-1 flex max-w-full gap-2 text-sm text-soft">
            <span className={own ? "sr-only" : "truncate font-semibold text-ink"}>
              {own ? t("you") : author.name}
            </span>
            <Time value={created_at} style="time" className="shrink-0" />
          </p>
        )}
        <div className={`flex max-w-full items-center gap-1 ${own ? "flex-row-reverse" : ""}`}>
          {content === null ? (
            <p className="rounded-2xl border border-line px-3.5 py-2 text-soft italic">
              {t("deleted")}
            </p>
          ) : (
            <Bubble content={content} own={own} edited={edited_at !== null} />
          )}
          {content !== null && (own || props.mayDelete) && <Actions {...props} />}
        </div>
      </div>
    </div>
  );
});

function Face({ author: { user_id, name } }: { author: Author }) {
  const faces = useContext(Faces);
  const picture = user_id === null ? null : faces.get(user_id);
  return <Avatar name={name} picture={picture} className="size-9 text-sm" />;
}

interface BubbleProps {
  content: string;
  own: boolean;
  edited?: boolean;
}

export function Bubble({ content, own, edited = false }: BubbleProps) {
  const t = useText(chatTexts);
  return (
    <p
      className={`min-w-0 rounded-2xl px-3.5 py-2 whitespace-pre-wrap wrap-anywhere ${own ? "bg-brand text-on-brand" : "bg-raised text-ink"}`}
    >
      {piecesOf(content).map(({ text, href }, index) =>
        href ? (
          <a
            // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a text have no other name
            key={index}
            href={href}
            target="_blank"
            rel="noopener noreferrer nofollow"
            className="text-inherit underline outline-current"
          >
            {text}
          </a>
        ) : (
          text
        ),
      )}
      {edited && <span className="ml-2 text-xs">{t("edited")}</span>}
    </p>
  );
}

function Actions({ message, own, onEdit, onDelete, floating }: Props) {
  const t = useText(chatTexts);
  return (
    <Menu
      className={floating}
      align={own ? "end" : "start"}
      trigger={
        <IconButton
          label={t("actions")}
          icon={EllipsisVertical}
          className="size-9 opacity-0 transition-opacity group-focus-within:opacity-100 group-hover:opacity-100 data-[state=open]:opacity-100 pointer-coarse:opacity-100"
        />
      }
    >
      {own && (
        <MenuItem icon={Pencil} onChoose={() => onEdit(message)}>
          {t("edit")}
        </MenuItem>
      )}
      <MenuItem icon={Trash2} danger onChoose={() => onDelete(message)}>
        {t("delete")}
      </MenuItem>
    </Menu>
  );
}
