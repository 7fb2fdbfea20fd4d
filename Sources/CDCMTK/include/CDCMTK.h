#pragma once
// DCMTK 3.6.7 behind C: opaque handles, a status from every function that can fail, no exception and no C++ type across.
// Everything that needs no DCMTK is written in Swift; what is here is here because DCMTK is C++.
#include "apatite_base.h"
#include "apatite_dataset.h"
#include "apatite_pixels.h"
#include "apatite_report.h"
#include "apatite_digest.h"
#include "apatite_association.h"
