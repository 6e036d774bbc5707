// SPDX-License-Identifier: GPL-3.0-or-later
// NetBIOS names in DNS messages (RFC 1001 section 14.1, RFC 1002 section 4.1): sixteen bytes, each as two letters from 'A' to 'P'.
#include "decoders/app/dns/dns_message.h"

#define ENCODED_BYTES 32
#define NAME_BYTES    16

static bool decode(const uint8_t *letters, uint8_t out[NAME_BYTES])
{
	for (unsigned i = 0; i < NAME_BYTES; i++) {
		unsigned high = letters[2 * i] - (unsigned)'A', low = letters[2 * i + 1] - (unsigned)'A';
		if (high > 15 || low > 15)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

void netbios_name_text(struct span bytes, struct dns_name *name)
{
	static const char digits[] = "0123456789abcdef";
	if (bytes.len != NAME_BYTES)
		return;
	uint32_t len = NAME_BYTES - 1;
	while (len && (bytes.data[len - 1] == ' ' || bytes.data[len - 1] == 0))
		len--;
	memcpy(name->text + name->len, bytes.data, len);
	uint8_t *end = name->text + name->len + len, suffix = bytes.data[NAME_BYTES - 1];
	end[0] = '<';
	end[1] = (uint8_t)digits[suffix >> 4];
	end[2] = (uint8_t)digits[suffix & 15];
	end[3] = '>';
	name->len += len + 4;
}

bool dns_message_name(const struct dns_message *message, uint32_t offset, uint32_t limit, struct dns_name *name)
{
	if (!dns_name_read(message->bytes, offset, limit, name))
		return false;
	uint8_t bytes[NAME_BYTES];
	bool encoded = message->netbios && name->len >= ENCODED_BYTES &&
		       (name->len == ENCODED_BYTES || name->text[ENCODED_BYTES] == '.') && decode(name->text, bytes);
	if (!encoded)
		return true;
	struct dns_name text;
	text.len = 0;
	netbios_name_text(span_of(bytes, sizeof(bytes)), &text);
	uint32_t scope = name->len - ENCODED_BYTES;
	memmove(name->text + text.len, name->text + ENCODED_BYTES, scope); // the text is shorter than its letters
	memcpy(name->text, text.text, text.len);
	name->len = text.len + scope;
	return true;
}

const char *netbios_type_name(uint16_t type)
{
	switch (type) {
	case DNS_A: return "A";
	case DNS_NS: return "NS";
	case DNS_NULL: return "NULL";
	case NETBIOS_NB: return "NB";
	case NETBIOS_NBSTAT: return "NBSTAT";
	default: return NULL;
	}
}
