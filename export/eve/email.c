// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/email.h"
#include <openssl/evp.h>
#include "decoders/app/app_parser.h"

#define LINE_RESERVE (8u << 10) // bytes of the line kept for what follows a list

static const char *status(const struct mime *mail)
{
	switch ((enum mime_state)mail->state) {
	case MIME_START: return "NONE";
	case MIME_IN_HEADERS: return mail->top ? "HEADER_STARTED" : "BODY_STARTED";
	case MIME_IN_BODY:
	case MIME_BETWEEN: return "BODY_STARTED";
	case MIME_DONE: return "PARSE_DONE";
	case MIME_CUT: break;
	}
	return "PARSE_ERROR";
}

static void put_one(struct json *json, const char *key, const struct mime *mail, enum mime_header_name name)
{
	struct span value;
	if (mime_header_at(mail, name, 0, &value) && value.len)
		json_put_span(json, key, value);
}

// A list of addresses, each its own.
static void put_addresses(struct json *json, const char *key, const struct mime *mail, enum mime_header_name name)
{
	struct span rest, address;
	bool any = false;
	if (!mime_header_at(mail, name, 0, &rest))
		return;
	struct json_mark mark = json_mark(json);
	while (mime_address_next(&rest, &address)) {
		if (!any)
			json_put_array(json, key);
		any = true;
		json_put_span(json, NULL, address);
	}
	if (any)
		json_array_end(json);
	json_keep_if_room(json, mark, LINE_RESERVE);
}

static void put_received(struct json *json, const struct mime *mail)
{
	bool any = false;
	struct json_mark mark = json_mark(json);
	for (const struct mime_header *header = mail->first; header; header = header->next) {
		if (header->name != MIME_RECEIVED)
			continue;
		if (!any)
			json_put_array(json, "received");
		any = true;
		json_put_span(json, NULL, span_of(header->bytes, header->len));
	}
	if (any)
		json_array_end(json);
	json_keep_if_room(json, mark, LINE_RESERVE);
}

static void put_attachments(struct json *json, const struct app_tx *tx)
{
	if (!tx->files)
		return;
	struct json_mark mark = json_mark(json);
	json_put_array(json, "attachment");
	for (const struct file *file = tx->files; file; file = file->next)
		json_put_span(json, NULL, bytes_span(&file->name));
	json_array_end(json);
	json_keep_if_room(json, mark, LINE_RESERVE);
}

// The newest first, as the field's readers expect.
static void put_links(struct json *json, const struct mime *mail)
{
	const struct mime_link *links[MIME_LINKS_MAX];
	unsigned count = 0;
	for (const struct mime_link *link = mail->first_link; link && count < MIME_LINKS_MAX; link = link->next)
		if (!link->hidden)
			links[count++] = link;
	if (!count)
		return;
	struct json_mark mark = json_mark(json);
	json_put_array(json, "url");
	while (count--)
		json_put_span(json, NULL, span_of(links[count]->bytes, links[count]->len));
	json_array_end(json);
	json_keep_if_room(json, mark, LINE_RESERVE);
	if (mail->exe_link)
		json_put_bool(json, "has_exe_url", true);
	if (mail->ipv4_link)
		json_put_bool(json, "has_ipv4_url", true);
	if (mail->ipv6_link)
		json_put_bool(json, "has_ipv6_url", true);
}

// outputs.eve-log.types.smtp.md5: subject
static void put_digests(struct json *json, const struct eve_config *config, const struct mime *mail)
{
	const char *wanted = eve_setting(config, "smtp", "md5");
	struct span subject;
	uint8_t digest[16];
	if (mail->has_md5)
		json_put_hex(json, "body_md5", span_of(mail->body_md5, sizeof(mail->body_md5)), 0);
	if (!wanted || !strstr(wanted, "subject") || !mime_header_at(mail, MIME_SUBJECT, 0, &subject))
		return;
	if (EVP_Digest(subject.data, subject.len, digest, NULL, EVP_md5(), NULL) == 1)
		json_put_hex(json, "subject_md5", span_of(digest, sizeof(digest)), 0);
}

void eve_email(struct json *json, const struct eve_config *config, const struct mime *mail, const struct app_tx *tx)
{
	const char *extended = eve_setting(config, "smtp", "extended");
	json_put_object(json, "email");
	json_put_text(json, "status", status(mail));
	put_one(json, "from", mail, MIME_FROM);
	put_addresses(json, "to", mail, MIME_TO);
	put_addresses(json, "cc", mail, MIME_CC);
	put_attachments(json, tx);
	put_links(json, mail);
	put_digests(json, config, mail);
	if (!extended || strcasecmp(extended, "no") != 0) {
		put_one(json, "date", mail, MIME_DATE);
		put_one(json, "message_id", mail, MIME_MESSAGE_ID);
		put_one(json, "subject", mail, MIME_SUBJECT);
		put_one(json, "x_mailer", mail, MIME_X_MAILER);
		put_received(json, mail);
	}
	json_object_end(json);
}
