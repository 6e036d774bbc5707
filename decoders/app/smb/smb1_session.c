// SPDX-License-Identifier: GPL-3.0-or-later
// SMB 1: dialects and sessions (MS-CIFS 2.2.4.52, 2.2.4.53, MS-SMB 2.2.4.5, 2.2.4.6).
#include "decoders/app/smb/smb1.h"

#define CAP_EXTENDED_SECURITY 0x80000000u
#define DIALECTS_BYTES_MAX    4096

void smb1_negotiate_request(struct smb_reader *r, const struct smb_header *header, struct smb1_body *body)
{
	struct smb_tx *tx = smb_tx_negotiate(r);
	if (tx) {
		smb_event(r, SMB_DUPLICATE_NEGOTIATE);
		return;
	}
	tx = smb_tx_new(r, header, SMB_NEGOTIATE);
	if (!tx)
		return;
	struct cursor c = cursor_on(body->bytes);
	bool good = true;
	while (cursor_left(&c) && tx->negotiate.dialect_count < SMB_DIALECTS_MAX && good) {
		good = cursor_u8(&c) == 2;
		struct span name = smb1_text(&c, 0, false);
		good &= bytes_append(r->slab, &tx->negotiate.dialects, name, DIALECTS_BYTES_MAX) == name.len &&
			bytes_append(r->slab, &tx->negotiate.dialects, span_of("", 1), DIALECTS_BYTES_MAX) == 1;
		tx->negotiate.dialect_count++;
	}
	if (!good)
		smb_event(r, SMB_NEGOTIATE_MALFORMED_DIALECTS);
	smb_request_done(r, tx);
}

static struct span nth_dialect(const struct smb_negotiate *negotiate, unsigned index)
{
	struct span all = bytes_span(&negotiate->dialects);
	uint32_t at = 0;
	for (unsigned i = 0; at < all.len; i++) {
		uint32_t end = span_find(all, 0, at);
		if (i == index)
			return span_slice(all, at, end - at);
		at = end + 1;
	}
	return (struct span) { 0 };
}

void smb1_negotiate_response(struct smb_reader *r, const struct smb_header *header, struct smb1_body *body)
{
	struct smb_tx *tx = smb_tx_negotiate(r);
	struct cursor *w = &body->words, c = cursor_on(body->bytes);
	if (!tx || tx->version != 1)
		return;
	r->tx = tx;
	uint16_t index = cursor_le16(w);
	cursor_skip(w, 17);
	uint32_t capabilities = cursor_le32(w);
	bool extended = cursor_ok(w) && capabilities & CAP_EXTENDED_SECURITY;
	struct span guid = cursor_span(&c, 16);
	if (extended && guid.len) {
		memcpy(tx->negotiate.server_guid, guid.data, 16);
		tx->negotiate.has_server_guid = true;
	}
	if (body->word_count) {
		bytes_fini(r->slab, &r->state->dialect1);
		bytes_append(r->slab, &r->state->dialect1, nth_dialect(&tx->negotiate, index), DIALECTS_BYTES_MAX);
	}
	smb_set_status(tx, header);
	smb_response_done(r, tx);
}

static void keep_host(struct smb_reader *r, struct smb_tx *tx, const struct smb_header *header, struct cursor *c,
	uint32_t bytes_at, enum direction direction)
{
	struct smb_session_setup *setup = &tx->setup;
	struct span system = smb1_text(c, bytes_at, header->unicode);
	struct span manager = smb1_text(c, bytes_at, header->unicode);
	setup->has_os[direction] = true;
	smb_keep_text(r, &setup->native_os[direction], system, header->unicode);
	smb_keep_text(r, &setup->native_lm[direction], manager, header->unicode);
}

void smb1_setup_request(struct smb_reader *r, const struct smb_header *header, struct smb1_body *body)
{
	struct smb_tx *tx = smb_tx_new(r, header, SMB_SESSION_SETUP);
	if (!tx)
		return;
	struct cursor *w = &body->words, c = cursor_on(body->bytes);
	cursor_skip(w, SMB1_ANDX_BYTES + 10);
	if (body->word_count == 12) {
		struct span blob = cursor_span(&c, cursor_le16(w));
		if (cursor_ok(&c))
			smb_security_blob(r, tx, blob);
	} else if (body->word_count == 13) {
		uint16_t plain = cursor_le16(w), wide = cursor_le16(w);
		cursor_skip(&c, (uint32_t)plain + wide);
		(void)smb1_text(&c, body->bytes_at, header->unicode); // account
		(void)smb1_text(&c, body->bytes_at, header->unicode); // domain
	}
	if (!cursor_ok(&c) || !cursor_ok(w))
		smb_malformed(r);
	else if (body->word_count == 12 || body->word_count == 13)
		keep_host(r, tx, header, &c, body->bytes_at, TO_SERVER);
	smb_request_done(r, tx);
}

void smb1_setup_response(
	struct smb_reader *r, struct smb_tx *tx, const struct smb_header *header, struct smb1_body *body)
{
	struct cursor *w = &body->words, c = cursor_on(body->bytes);
	if (tx->kind != SMB_SESSION_SETUP)
		return;
	tx->session = header->session;
	if (body->word_count < 3)
		return;
	cursor_skip(w, SMB1_ANDX_BYTES + 2);
	if (body->word_count >= 4)
		cursor_skip(&c, cursor_le16(w));
	if (cursor_ok(&c) && cursor_ok(w))
		keep_host(r, tx, header, &c, body->bytes_at, TO_CLIENT);
	else
		smb_malformed(r);
}
