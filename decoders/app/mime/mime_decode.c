// SPDX-License-Identifier: GPL-3.0-or-later
// Transfer encodings (RFC 2045 sections 6.7 and 6.8). Both are read however their lines are cut.
#include "decoders/app/mime/mime.h"
#include "decoders/base/base64.h"
#include "decoders/base/hex.h"
#include "decoders/base/steps.h"

#define OUT_BYTES 1024u

void mime_decode_base64(struct mime *mime, const struct mime_place *place, struct span data)
{
	uint8_t out[OUT_BYTES];
	uint32_t len = 0;
	work_step(data.len);
	for (uint32_t i = 0; i < data.len; i++) {
		uint8_t byte = data.data[i];
		int value = base64_letter(byte);
		if (value < 0) {
			if (byte == '=')
				mime->base64_bits = 0, mime->base64_word = 0; // the rest of a quantum is padding
			else if (byte != ' ' && byte != '\t' && byte != '\r' && byte != '\n')
				mime->events |= MIME_INVALID_BASE64;
			continue;
		}
		mime->base64_word = mime->base64_word << 6 | (uint32_t)value;
		mime->base64_bits = (uint8_t)(mime->base64_bits + 6);
		if (mime->base64_bits < 8)
			continue;
		mime->base64_bits = (uint8_t)(mime->base64_bits - 8);
		out[len++] = (uint8_t)(mime->base64_word >> mime->base64_bits);
		if (len == OUT_BYTES) {
			mime_emit(mime, place, span_of(out, len));
			len = 0;
		}
	}
	if (len)
		mime_emit(mime, place, span_of(out, len));
}

// "=XY", when all of it is there. Gives the bytes it stands for.
static uint32_t take_escape(struct mime *mime, uint8_t *out)
{
	int high = hex_value(mime->qp_held[1]), low = hex_value(mime->qp_held[2]);
	mime->qp_held_len = 0;
	if (high >= 0 && low >= 0) {
		out[0] = (uint8_t)(high << 4 | low);
		return 1;
	}
	mime->events |= MIME_INVALID_QP;
	memcpy(out, mime->qp_held, 3);
	return 3;
}

// At a line's end: "=" with nothing but blanks behind it joins the lines, other starts of an escape are taken as they are.
static bool ends_softly(struct mime *mime, const struct mime_place *place)
{
	if (!mime->qp_held_len)
		return false;
	bool soft = mime->qp_held_len == 1 || mime->qp_held[1] == ' ' || mime->qp_held[1] == '\t';
	if (!soft) {
		mime->events |= MIME_INVALID_QP;
		mime_emit(mime, place, span_of(mime->qp_held, mime->qp_held_len));
	}
	mime->qp_held_len = 0;
	return soft;
}

void mime_decode_qp(struct mime *mime, const struct mime_place *place, struct span data, bool line_ends)
{
	uint8_t out[OUT_BYTES];
	uint32_t len = 0;
	work_step(data.len);
	if (mime->held_end) {
		mime_emit(mime, place, span_slice(span_text("\r\n"), 2u - mime->held_end, mime->held_end));
		mime->held_end = 0;
	}
	for (uint32_t i = 0; i < data.len; i++) {
		uint8_t byte = data.data[i];
		if (mime->qp_held_len) {
			mime->qp_held[mime->qp_held_len++] = byte;
			if (mime->qp_held_len == 3)
				len += take_escape(mime, out + len);
		} else if (byte == '=') {
			mime->qp_held[mime->qp_held_len++] = byte;
		} else {
			out[len++] = byte;
		}
		if (len > OUT_BYTES - 4) {
			mime_emit(mime, place, span_of(out, len));
			len = 0;
		}
	}
	if (len)
		mime_emit(mime, place, span_of(out, len));
	if (line_ends && !ends_softly(mime, place))
		mime->held_end = 2;
}
