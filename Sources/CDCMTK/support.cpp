#include "support.h"

#include "dcmtk/dcmdata/dcrledrg.h"
#include "dcmtk/dcmjpeg/djdecode.h"
#include "dcmtk/dcmjpls/djdecode.h"
#include "dcmtk/dcmnet/dcmtrans.h"
#include "dcmtk/dcmnet/dul.h"
#include "dcmtk/oflog/oflog.h"

#include <cstdlib>
#include <mutex>

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
