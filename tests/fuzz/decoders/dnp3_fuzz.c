// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a DNP3 session.
#include "decoders/app/dnp3/dnp3.h"
#include "tests/support/decoders/app_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct flow *flow, const struct app_tx *tx)
{
	(void)flow;
	struct dnp3_object object;
	uint32_t at = 0;
	while (dnp3_object_next(dnp3_objects(dnp3_tx_of(tx)), &at, &object) == DNP3_OBJECT_OK) {
		struct dnp3_points points;
		struct dnp3_point point;
		struct dnp3_value value;
		dnp3_points_begin(&object, &points);
		while (dnp3_points_next(&points, &point))
			while (dnp3_value_next(&point, &value))
				;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return app_drive_fuzz(&dnp3_parser, data, size, read_all);
}
