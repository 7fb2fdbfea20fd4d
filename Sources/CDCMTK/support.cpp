#include "support.h"

#include "dcmtk/dcmdata/dcrledrg.h"
#include "dcmtk/dcmjpeg/djdecode.h"
#include "dcmtk/dcmjpls/djdecode.h"
#include "dcmtk/dcmnet/dcmtrans.h"
#include "dcmtk/dcmnet/dul.h"
#include "dcmtk/oflog/oflog.h"

#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <mutex>
#include <sys/socket.h>

namespace apatite {

apatite_status ok()
{
    apatite_status status;
    status.code = APATITE_OK;
    status.text[0] = 0;
    return status;
}

apatite_status failure(apatite_code code, const char *format, ...)
{
    apatite_status status;
    status.code = code;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(status.text, sizeof status.text, format, arguments);
    va_end(arguments);
    return status;
}

apatite_status failure(apatite_code code, const char *what, const OFCondition &condition)
{
    return failure(code, "%s: %s", what, condition.text());
}

} // namespace apatite

void apatite_initialize(void)
{
    static std::once_flag once;
    std::call_once(once, [] {
        OFLog::configure(OFLogger::OFF_LOG_LEVEL);
        DcmRLEDecoderRegistration::registerCodecs();
        DJDecoderRegistration::registerCodecs();
        DJLSDecoderRegistration::registerCodecs();
        // A reverse lookup stalls each association by the resolver's timeout where the scanner has no DNS entry.
        dcmDisableGethostbyaddr.set(OFTrue);
        // DCMTK 3.6.7 reads this variable when it opens a connection and leaves Nagle's algorithm on without it.
        setenv("TCP_NODELAY", "1", 1);
        // Process-wide limits of DCMTK: a peer that takes nothing off the wire, one that stops in the middle of a PDU, one
        // whose address answers nothing.
        dcmSocketSendTimeout.set(30);
        dcmSocketReceiveTimeout.set(30);
        dcmConnectionTimeout.set(10);
    });
}

int apatite_accept(int listener, struct sockaddr *address, uint32_t *length)
{
    return accept4(listener, address, length, SOCK_CLOEXEC);
}

int apatite_rename_exclusive(const char *from, const char *to)
{
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
}
