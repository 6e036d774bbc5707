// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a Modbus session.
#include "decoders/app/modbus/modbus.h"
#include "tests/support/decoders/app_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct flow *flow, const struct app_tx *tx)
{
	(void)flow;
	for (unsigned i = 0; i < 2; i++) {
		const struct modbus_message *m = &modbus_tx_of(tx)->messages[i];
		uint16_t value;
		for (uint32_t n = 0; n < 8; n++)
			(void)modbus_written_value(m, m->write_address + n, &value);
		(void)modbus_written_value(m, m->write_address + m->write_quantity - 1u, &value);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return app_drive_fuzz(&modbus_parser, data, size, read_all);
}
