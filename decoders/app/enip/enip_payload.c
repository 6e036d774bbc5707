// SPDX-License-Identifier: GPL-3.0-or-later
// What an encapsulated message carries, by its command (volume 2, 2-4): items of the common packet format, and CIP inside them.
#include "decoders/app/enip/enip.h"

#define ITEM_IDENTITY    0x0c
#define ITEM_CONNECTED   0xb1
#define ITEM_UNCONNECTED 0xb2
#define ITEM_SERVICES    0x100
#define ITEMS_MAX        8

static struct cursor payload_of(const struct enip_pdu *pdu, uint16_t command)
{
	struct cursor c = cursor_on(span_of(pdu->bytes, pdu->len));
	c.failed = !pdu->present || pdu->command != command;
	return c;
}

// The first item of this type; c stands at the item count. Empty: there is none.
static struct span find_item(struct cursor *c, uint16_t wanted)
{
	uint16_t count = cursor_le16(c);
	for (unsigned i = 0; i < count && i < ITEMS_MAX && cursor_ok(c); i++) {
		uint16_t type = cursor_le16(c);
		struct span item = cursor_span(c, cursor_le16(c));
		if (cursor_ok(c) && type == wanted)
			return item;
	}
	return (struct span) { NULL, 0 };
}

bool enip_identity_read(const struct enip_pdu *pdu, struct enip_identity *identity)
{
	struct cursor c = payload_of(pdu, ENIP_LIST_IDENTITY);
	struct cursor item = cursor_on(find_item(&c, ITEM_IDENTITY));
	*identity = (struct enip_identity) { .protocol_version = cursor_le16(&item) };
	cursor_skip(&item, 16); // socket address
	identity->vendor_id = cursor_le16(&item);
	identity->device_type = cursor_le16(&item);
	identity->product_code = cursor_le16(&item);
	identity->revision[0] = cursor_u8(&item);
	identity->revision[1] = cursor_u8(&item);
	identity->status = cursor_le16(&item);
	identity->serial = cursor_le32(&item);
	identity->product_name = cursor_span(&item, cursor_u8(&item));
	identity->state = cursor_u8(&item);
	return cursor_ok(&item);
}

bool enip_services_read(const struct enip_pdu *pdu, struct enip_services *services)
{
	struct cursor c = payload_of(pdu, ENIP_LIST_SERVICES);
	struct cursor item = cursor_on(find_item(&c, ITEM_SERVICES));
	*services = (struct enip_services) { .protocol_version = cursor_le16(&item) };
	services->capabilities = cursor_le16(&item);
	services->service_name = cursor_rest(&item);
	services->service_name.len = span_find(services->service_name, 0, 0);
	return cursor_ok(&item);
}

bool enip_register_read(const struct enip_pdu *pdu, struct enip_register *registration)
{
	struct cursor c = payload_of(pdu, ENIP_REGISTER_SESSION);
	*registration = (struct enip_register) { .protocol_version = cursor_le16(&c) };
	registration->options = cursor_le16(&c);
	return cursor_ok(&c);
}

bool enip_cip_read(const struct enip_pdu *pdu, struct cip_message *message)
{
	if (!pdu->present || (pdu->command != ENIP_SEND_RR_DATA && pdu->command != ENIP_SEND_UNIT_DATA))
		return false;
	bool connected = pdu->command == ENIP_SEND_UNIT_DATA;
	struct cursor c = payload_of(pdu, pdu->command);
	cursor_skip(&c, 6); // interface handle and timeout
	struct span item = find_item(&c, connected ? ITEM_CONNECTED : ITEM_UNCONNECTED);
	if (connected)
		item = span_from(item, 2); // sequence count
	return item.len && cip_message_read(item, message);
}
