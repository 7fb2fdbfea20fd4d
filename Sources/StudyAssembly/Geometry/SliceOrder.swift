import DualEnergyCT

/// Slices sorted along their normal, with the distance of their planes from the patient's origin.
struct SliceOrder {
    var headers: [ImageHeader]
    /// Along the slice direction in mm, rising.
    var positionsMm: [Double]
    /// Distance between neighbouring slices in mm: the most frequent one, so that gaps do not shift it.
    var spacingMm: Double
    var rowDirection: PatientVector
    var columnDirection: PatientVector

    /// Part of the slice spacing by which a position may be off: scanners round decimal strings.
    static let tolerance = 0.05
    static let fewestSlices = 4

    /// - Precondition: the headers passed `ImageSanity`.
    init(_ stack: SliceStack) throws(SetAside) {
        let cosines = stack.first.orientation
        let row = PatientVector(cosines[0], cosines[1], cosines[2])
        let column = PatientVector(cosines[3], cosines[4], cosines[5])
        let normal = row.cross(column)
        func along(_ header: ImageHeader) -> Double { header.origin.dot(normal) }

        guard stack.headers.count >= Self.fewestSlices else {
            throw SetAside(
                .tooFewSlices, "\(stack.name) has \(stack.headers.count) slices; \(Self.fewestSlices) are the least.",
                remedy: "Send the whole series.")
        }
        headers = stack.headers.sorted {
            (along($0), $0.instanceNumber ?? 0, $0.sopInstanceUID) < (
                along($1), $1.instanceNumber ?? 0, $1.sopInstanceUID
            )
        }
        positionsMm = headers.map(along)
        rowDirection = row
        columnDirection = column
        let steps = zip(positionsMm.dropFirst(), positionsMm).map { $0 - $1 }
        spacingMm = try Self.spacing(of: steps, stack: stack)
        try checkShear(stack)
    }

    private static func spacing(of steps: [Double], stack: SliceStack) throws(SetAside) -> Double {
        let repeated = steps.count { $0 < 1e-3 }
        guard repeated == 0 else {
            throw SetAside(
                .duplicateSlices, "\(repeated) slices of \(stack.name) lie where another slice lies.",
                remedy: "Send one reconstruction of the series, without repeated images.")
        }
        let sorted = steps.sorted()
        let median = sorted[sorted.count / 2]
        // Rounded decimal strings make neighbouring steps differ: the mean of those near the median is exact.
        let near = steps.filter { abs($0 - median) <= tolerance * median }
        let spacing = near.reduce(0, +) / Double(near.count)
        guard ImageSanity.spacingMm.contains(spacing) else {
            throw SetAside(
                .absurdGeometry, "The slices of \(stack.name) are \(number(spacing)) mm apart.",
                remedy: "Send the series again.")
        }
        if let thickness = stack.first.sliceThickness, spacing > 1.5 * thickness {
            throw SetAside(
                .slicesApart,
                "The slices of \(stack.name) are \(number(spacing)) mm apart and \(number(thickness)) mm thick: what "
                    + "lies between was not scanned.", remedy: "Reconstruct contiguous or overlapping slices.")
        }
        return spacing
    }

    /// Slices that move sideways from one to the next come from a tilted gantry, whatever its tag says.
    private func checkShear(_ stack: SliceStack) throws(SetAside) {
        let start = headers[0].origin
        let normal = rowDirection.cross(columnDirection)
        for (header, position) in zip(headers, positionsMm) {
            let step = header.origin - start
            let sideways = (step - (position - positionsMm[0]) * normal).length
            // A tenth of a pixel a slice is more than rounding and less than any tilt.
            guard sideways > 0.1 * max(1, header.pixelSpacing[0]) else { continue }
            throw SetAside(
                .gantryTilt,
                "The slices of \(stack.name) move sideways by \(number(sideways)) mm: the gantry was tilted or the "
                    + "positions are wrong.", remedy: "Scan without gantry tilt.")
        }
    }
}

extension ImageHeader {
    /// Centre of the first voxel. Only for headers with a sane position.
    var origin: PatientVector { PatientVector(position[0], position[1], position[2]) }
}
