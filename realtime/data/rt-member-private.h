/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-member.h"
#include "rt-protocol.h"

G_BEGIN_DECLS

/* What a server tells of a member, copied. Info that programs cannot use counts as none. */
RtMember *rt_member_new_incoming (const RtClientInfo *info);

G_END_DECLS
