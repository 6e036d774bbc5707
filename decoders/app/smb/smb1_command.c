// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/smb/smb_internal.h"

bool smb1_command(struct smb_reader *r, struct span left)
{
	(void)left;
	r->side->skipping = true;
	return true;
}
