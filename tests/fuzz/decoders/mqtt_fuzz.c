// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as an MQTT session.
#include "decoders/app/mqtt/mqtt.h"
#include "tests/support/decoders/app_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct flow *flow, const struct app_tx *tx)
{
	(void)flow;
	for (const struct mqtt_kept *kept = mqtt_tx_of(tx)->first; kept; kept = kept->next) {
		struct mqtt_message m;
		struct mqtt_property p;
		struct span topic;
		uint8_t options;
		if (!mqtt_kept_read(kept, &m))
			continue;
		for (uint32_t at = 0; mqtt_property_next(m.properties, &at, &p);)
			;
		for (uint32_t at = 0; mqtt_topic_next(&m, &at, &topic, &options);)
			;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return app_drive_fuzz(&mqtt_parser, data, size, read_all);
}
