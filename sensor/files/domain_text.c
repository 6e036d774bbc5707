// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/files/domain_text.h"
#include <idn2.h>
#include "signatures/reputation/canonical.h"

uint32_t domain_from_text(const char *name, uint8_t *out)
{
	bool plain = true;
	for (const char *c = name; *c; c++)
		plain &= (unsigned char)*c < 0x80;
	if (plain)
		return canonical_name(span_text(name), out);
	char *ascii = NULL;
	uint32_t len = 0;
	if (idn2_to_ascii_8z(name, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) == IDN2_OK)
		len = canonical_name(span_text(ascii), out);
	idn2_free(ascii);
	return len;
}
