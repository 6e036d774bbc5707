// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a line of the control socket: taken or refused with a reason, never over their end.
#include <stdlib.h>
#include "sensor/manage/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 4096)
		return 0;
	struct control_request request;
	const char *reason = NULL;
	if (!request_read((struct span) { data, (uint32_t)size }, &request, &reason) && !reason)
		abort();
	return 0;
}
