// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/modbus/modbus.h"

static uint8_t access_of(uint8_t function)
{
	static const uint8_t table[] = { [MODBUS_READ_COILS] = MODBUS_READS | MODBUS_OF_COILS,
		[MODBUS_READ_DISCRETES] = MODBUS_READS | MODBUS_OF_DISCRETES,
		[MODBUS_READ_HOLDING] = MODBUS_READS | MODBUS_OF_HOLDING,
		[MODBUS_READ_INPUT] = MODBUS_READS | MODBUS_OF_INPUT,
		[MODBUS_WRITE_COIL] = MODBUS_WRITES | MODBUS_OF_COILS | MODBUS_SINGLE,
		[MODBUS_WRITE_REGISTER] = MODBUS_WRITES | MODBUS_OF_HOLDING | MODBUS_SINGLE,
		[MODBUS_WRITE_COILS] = MODBUS_WRITES | MODBUS_OF_COILS | MODBUS_MULTIPLE,
		[MODBUS_WRITE_REGISTERS] = MODBUS_WRITES | MODBUS_OF_HOLDING | MODBUS_MULTIPLE,
		[MODBUS_MASK_WRITE] = MODBUS_WRITES | MODBUS_OF_HOLDING,
		[MODBUS_READ_WRITE] = MODBUS_READS | MODBUS_WRITES | MODBUS_OF_HOLDING | MODBUS_MULTIPLE };
	return function < sizeof(table) ? table[function] : 0;
}

// Section 5.1 and annex A
static uint8_t category_of(uint8_t function, struct span data)
{
	static const uint8_t reserved[] = { 9, 10, 13, 14, 41, 42, 90, 91, 125, 126, 127 };
	for (unsigned i = 0; i < sizeof(reserved); i++)
		if (reserved[i] == function)
			return MODBUS_RESERVED;
	if ((function >= 65 && function <= 72) || (function >= 100 && function <= 110))
		return MODBUS_USER;
	if (function == MODBUS_DIAGNOSTIC && data.len >= 2) {
		uint16_t sub = be16_at(data.data);
		return (sub >= 5 && sub <= 9) || sub == 19 || sub > 20 ? MODBUS_RESERVED : MODBUS_PUBLIC_ASSIGNED;
	}
	if (function == MODBUS_MEI && data.len >= 1)
		return data.data[0] == 13 || data.data[0] == 14 ? MODBUS_PUBLIC_ASSIGNED : MODBUS_RESERVED;
	bool assigned = (function >= 1 && function <= 8) || function == 11 || function == 12 ||
			(function >= 15 && function <= 17) || (function >= 20 && function <= 24) ||
			function == MODBUS_MEI;
	return assigned ? MODBUS_PUBLIC_ASSIGNED : MODBUS_PUBLIC_UNASSIGNED;
}

static void check_quantity(struct modbus_message *m, uint16_t quantity, uint16_t most)
{
	if (quantity == 0 || quantity > most)
		m->errors |= MODBUS_DATA_VALUE;
}

// Values behind a byte count, as many as quantity asks for.
static void read_values(struct modbus_message *m, struct cursor *c, uint32_t wanted_bytes)
{
	uint8_t count = cursor_u8(c);
	m->values_at = (uint16_t)cursor_offset(c);
	if (count != wanted_bytes)
		m->errors |= MODBUS_DATA_VALUE;
	cursor_skip(c, count);
}

static void read_range(struct cursor *c, uint16_t *address, uint16_t *quantity)
{
	*address = cursor_be16(c);
	*quantity = cursor_be16(c);
}

static void read_request(struct modbus_message *m, struct cursor *c)
{
	switch (m->function) {
	case MODBUS_READ_COILS:
	case MODBUS_READ_DISCRETES:
	case MODBUS_READ_HOLDING:
	case MODBUS_READ_INPUT:
		m->has_read = true;
		read_range(c, &m->read_address, &m->read_quantity);
		check_quantity(m, m->read_quantity, m->function <= MODBUS_READ_DISCRETES ? 2000 : 125);
		break;
	case MODBUS_WRITE_COIL:
	case MODBUS_WRITE_REGISTER:
		m->has_write = true;
		m->write_quantity = 1;
		m->write_address = cursor_be16(c);
		m->values_at = (uint16_t)cursor_offset(c);
		uint16_t value = cursor_be16(c);
		if (m->function == MODBUS_WRITE_COIL && value != 0 && value != 0xff00)
			m->errors |= MODBUS_DATA_VALUE;
		break;
	case MODBUS_WRITE_COILS:
		m->has_write = true;
		read_range(c, &m->write_address, &m->write_quantity);
		check_quantity(m, m->write_quantity, 1968);
		read_values(m, c, (m->write_quantity + 7u) / 8);
		break;
	case MODBUS_WRITE_REGISTERS:
		m->has_write = true;
		read_range(c, &m->write_address, &m->write_quantity);
		check_quantity(m, m->write_quantity, 123);
		read_values(m, c, m->write_quantity * 2u);
		break;
	case MODBUS_MASK_WRITE:
		m->has_write = true;
		m->write_quantity = 1;
		m->write_address = cursor_be16(c);
		cursor_skip(c, 4);
		break;
	case MODBUS_READ_WRITE:
		m->has_read = m->has_write = true;
		read_range(c, &m->read_address, &m->read_quantity);
		read_range(c, &m->write_address, &m->write_quantity);
		check_quantity(m, m->read_quantity, 125);
		check_quantity(m, m->write_quantity, 121);
		read_values(m, c, m->write_quantity * 2u);
		break;
	default: (void)cursor_rest(c); break;
	}
}

static void read_response(struct modbus_message *m, struct cursor *c)
{
	if (m->access & MODBUS_READS) {
		uint8_t count = cursor_u8(c);
		m->values_at = (uint16_t)cursor_offset(c);
		cursor_skip(c, count);
	} else if (m->access & MODBUS_WRITES) {
		m->has_write = true;
		m->write_quantity = 1;
		m->write_address = cursor_be16(c);
		m->values_at = (uint16_t)cursor_offset(c);
		if (m->access & MODBUS_MULTIPLE) {
			m->write_quantity = cursor_be16(c);
			m->values_at = 0;
		} else {
			(void)cursor_rest(c);
		}
	} else {
		(void)cursor_rest(c);
	}
}

void modbus_message_read(struct span bytes, enum direction direction, struct modbus_message *m)
{
	struct cursor c = cursor_on(bytes);
	*m = (struct modbus_message) { .present = true, .transaction = cursor_be16(&c) };
	m->protocol = cursor_be16(&c);
	cursor_be16(&c); // length
	m->unit = cursor_u8(&c);
	uint8_t function = cursor_u8(&c);
	struct span data = cursor_rest(&c);
	m->exception = direction == TO_CLIENT && function & 0x80;
	m->function = m->exception ? function & 0x7f : function;
	m->access = access_of(m->function);
	m->category = category_of(m->function, m->exception ? (struct span) { NULL, 0 } : data);
	m->len = (uint16_t)data.len;
	if (data.len)
		memcpy(m->data, data.data, data.len);
	if (m->protocol != 0)
		m->errors |= MODBUS_PROTO_ID;
	if (m->function == 0 || m->function > 127)
		m->errors |= MODBUS_FUNC_CODE;
	c = cursor_on(data);
	if (m->exception) {
		uint8_t code = cursor_u8(&c);
		if (code == 0 || code == 9 || code > 11)
			m->errors |= MODBUS_EXC_CODE;
	} else if (direction == TO_SERVER) {
		read_request(m, &c);
	} else {
		read_response(m, &c);
	}
	if (!cursor_ok(&c) || cursor_left(&c))
		m->errors |= MODBUS_DATA_LENGTH;
	if (!cursor_ok(&c))
		m->has_read = m->has_write = false;
}

bool modbus_written_value(const struct modbus_message *m, uint32_t address, uint16_t *value)
{
	if (!m->has_write || !m->values_at || address < m->write_address ||
		address >= (uint32_t)m->write_address + m->write_quantity)
		return false;
	uint32_t n = address - m->write_address;
	if (m->function == MODBUS_WRITE_COILS) {
		if (m->values_at + n / 8 >= m->len)
			return false;
		*value = m->data[m->values_at + n / 8] >> n % 8 & 1;
		return true;
	}
	if (m->values_at + n * 2 + 2 > m->len)
		return false;
	*value = be16_at(m->data + m->values_at + n * 2);
	if (m->function == MODBUS_WRITE_COIL)
		*value = *value != 0;
	return true;
}
