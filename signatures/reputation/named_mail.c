// SPDX-License-Identifier: GPL-3.0-or-later
// What mails name: those that are sent, and those that are fetched or stored.
#include <xxhash.h>
#include "decoders/app/imap/imap.h"
#include "decoders/app/pop3/pop3.h"
#include "decoders/app/smtp/smtp.h"
#include "signatures/reputation/named_reading.h"

// What stands between the last < and its >, or all of it: a name in front may have others.
static struct span inner_address(struct span text)
{
	uint32_t open = text.len;
	while (open && text.data[open - 1] != '<')
		open--;
	return open ? span_slice(text, open, span_find(text, '>', open) - open) : span_trim(text);
}

#define LOCAL_MAX 512 // bytes before '@': RFC 5321 has 64, programs that send for others write more

// Its canonical form in out; 0: it is none.
static uint32_t mail_address(struct span address, uint8_t *out)
{
	uint32_t at = address.len; // the last one: a quoted local part may have others
	while (at > 0 && address.data[at - 1] != '@')
		at--;
	if (at < 2 || --at > LOCAL_MAX)
		return 0;
	uint32_t len = canonical_name(span_from(address, at + 1), out + at + 1);
	for (uint32_t i = 0; i <= at; i++)
		out[i] = address.data[i] >= 'A' && address.data[i] <= 'Z' ? (uint8_t)(address.data[i] + 32)
									  : address.data[i];
	return len ? at + 1 + len : 0;
}

// Envelope and headers name the same ones: what was given of a mail is not given again.
#define GIVEN_MAX 64

struct given {
	unsigned count;
	uint64_t keys[GIVEN_MAX];
};

static void give_mail_address(struct reading *reading, struct given *given, enum named_place place, struct span text)
{
	uint8_t *out = reading->reader->bytes;
	uint32_t len = mail_address(inner_address(text), out);
	if (!len || given->count == GIVEN_MAX)
		return;
	uint64_t key = XXH3_64bits_withSeed(out, len, place);
	for (unsigned i = 0; i < given->count; i++)
		if (given->keys[i] == key)
			return;
	given->keys[given->count++] = key;
	named_give(reading, INDICATOR_EMAIL, place, span_of(out, len));
}

// Addresses of its headers, and its links.
static void read_mail(struct reading *reading, struct given *given, const struct mime *mail)
{
	static const uint8_t places[MIME_HEADER_NAMES] = {
		[MIME_FROM] = NAMED_MAIL_SENDER,
		[MIME_SENDER] = NAMED_MAIL_SENDER,
		[MIME_REPLY_TO] = NAMED_MAIL_SENDER,
		[MIME_RETURN_PATH] = NAMED_MAIL_SENDER,
		[MIME_TO] = NAMED_MAIL_RECIPIENT,
		[MIME_CC] = NAMED_MAIL_RECIPIENT,
	};
	// Senders first: the sender says how many recipients there are, and what comes before what
	static const uint8_t order[] = { NAMED_MAIL_SENDER, NAMED_MAIL_RECIPIENT };
	for (unsigned i = 0; i < sizeof(order); i++)
		for (const struct mime_header *header = mail->first; header; header = header->next) {
			struct span rest = span_of(header->bytes, header->len), one;
			while (places[header->name] == order[i] && given->count < GIVEN_MAX &&
				mime_address_next(&rest, &one))
				give_mail_address(reading, given, (enum named_place)order[i], one);
		}
	for (const struct mime_link *link = mail->first_link; link; link = link->next) // MIME_LINKS_MAX
		named_give_link(reading, NAMED_MAIL_LINK, span_of(link->bytes, link->len));
}

// Who the client says it is: a name of more than one label, or an address in brackets ("[IPv6:2001:db8::1]").
static void give_helo(struct reading *reading, struct span name)
{
	if (span_starts_nocase(name, "[ipv6:"))
		name = span_slice(name, 6, name.len - 7);
	if (span_find(name, '.', 0) < name.len || span_find(name, ':', 0) < name.len)
		named_give_host(reading, NAMED_MAIL_HELO, name);
}

bool named_read_smtp(struct reading *reading, struct app_tx *tx, enum direction direction)
{
	const struct smtp_tx *mail = smtp_tx_of(tx);
	struct given given = { .count = 0 };
	unsigned count = 0;
	if (direction != TO_SERVER)
		return true;
	if (!mail->done && !reading->inspection->flow_ended)
		return false;
	give_helo(reading, smtp_helo(reading->inspection->flow));
	give_mail_address(reading, &given, NAMED_MAIL_SENDER, bytes_span(&mail->mail_from));
	for (const struct smtp_recipient *r = mail->first; r && count < NAMED_RECIPIENTS_MAX; r = r->next, count++)
		give_mail_address(reading, &given, NAMED_MAIL_RECIPIENT, span_of(r->bytes, r->len));
	if (mail->mail)
		read_mail(reading, &given, mail->mail);
	return true;
}

// APPEND stores mails, all else fetches them.
bool named_read_imap(struct reading *reading, struct app_tx *tx, enum direction direction)
{
	const struct imap_tx *imap = imap_tx_of(tx);
	bool stores = span_is(span_of(imap->name, imap->name_len), "APPEND");
	if (stores != (direction == TO_SERVER))
		return true;
	if (!imap->done && !reading->inspection->flow_ended)
		return false;
	for (const struct imap_mail *mail = imap->first; mail; mail = mail->next) {
		struct given given = { .count = 0 };
		read_mail(reading, &given, mail->mime);
	}
	return true;
}

bool named_read_pop3(struct reading *reading, struct app_tx *tx, enum direction direction)
{
	const struct pop3_tx *pop3 = pop3_tx_of(tx);
	struct given given = { .count = 0 };
	if (direction != TO_CLIENT)
		return true;
	if (!pop3->done && !reading->inspection->flow_ended)
		return false;
	if (pop3->mail)
		read_mail(reading, &given, pop3->mail);
	return true;
}
