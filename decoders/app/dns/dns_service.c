// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/dns/dns_service.h"
#include "decoders/base/base64.h"

enum { KEY_IPV4HINT = 4, KEY_IPV6HINT = 6 }; // RFC 9460 section 14.3.2

bool dns_record_service(const struct dns_message *message, const struct dns_record *record, struct dns_service *out)
{
	if ((record->type != DNS_SVCB && record->type != DNS_HTTPS) || record->data_len < 3)
		return false;
	struct span data = dns_record_data(message, record);
	uint32_t end = (uint32_t)record->data + record->data_len;
	out->priority = be16_at(data.data);
	if (!dns_name_read(message->bytes, record->data + 2u, end, &out->target) || out->target.next > end)
		return false;
	out->parameters = span_slice(message->bytes, out->target.next, end - out->target.next);
	return true;
}

// *at counts bytes of the parameters; inside a hint it stands before its next address.
bool dns_service_hint(const struct dns_service *service, uint32_t *at, struct span *address)
{
	struct cursor c = cursor_on(service->parameters);
	while (cursor_left(&c)) {
		uint16_t key = cursor_be16(&c), len = cursor_be16(&c);
		uint32_t start = cursor_offset(&c), width = key == KEY_IPV4HINT ? 4 : 16;
		struct span value = cursor_span(&c, len);
		if (!cursor_ok(&c))
			return false;
		if ((key != KEY_IPV4HINT && key != KEY_IPV6HINT) || *at >= start + len)
			continue;
		uint32_t from = *at > start ? *at - start : 0;
		if (from + width > len)
			continue;
		*address = span_slice(value, from, width);
		*at = start + from + width;
		return true;
	}
	return false;
}

uint32_t dns_record_text(
	const struct dns_message *message, const struct dns_record *record, uint8_t *out, uint32_t room)
{
	struct cursor c = cursor_on(dns_record_data(message, record));
	uint32_t len = 0;
	while (record->type == DNS_TXT && cursor_left(&c) && len < room) {
		struct span string = cursor_span(&c, cursor_u8(&c));
		if (!cursor_ok(&c))
			break;
		uint32_t take = string.len < room - len ? string.len : room - len;
		memcpy(out + len, string.data, take);
		len += take;
	}
	return len;
}

bool dns_query_find(struct span target, struct span *text)
{
	uint32_t at = span_find(target, '?', 0);
	while (at < target.len && !span_starts(span_from(target, at + 1), "dns="))
		at = span_find(target, '&', at + 1);
	if (at >= target.len)
		return false;
	*text = span_from(target, at + 5);
	return true;
}

uint32_t dns_query_decode(struct span text, uint8_t *out, uint32_t room)
{
	uint32_t read;
	return base64_run(text, base64_letter_any, out, room, &read);
}
