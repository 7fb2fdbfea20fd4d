package import DualEnergyCT

/// The one grid of both energies, with the slices of each in its order.
package struct CommonGrid {
    package var geometry: GridGeometry
    package var low: [ImageHeader]
    package var high: [ImageHeader]

    /// Lays both stacks on one grid; every place of it has one slice of each.
    init(low lowStack: SliceStack, high highStack: SliceStack, maximumVoxels: Int) throws(SetAside) {
        let low = try SliceOrder(lowStack)
        let high = try SliceOrder(highStack)
        let spacing = low.spacingMm
        guard abs(spacing - high.spacingMm) <= SliceOrder.tolerance * spacing else {
            throw SetAside(
                .reconstructedDifferently,
                "The slices of \(lowStack.name) are \(number(spacing)) mm apart, those of \(highStack.name) "
                    + "\(number(high.spacingMm)) mm.", remedy: "Reconstruct both energies with the same spacing.")
        }
        try Self.checkSideways(low, high)

        let start = min(low.positionsMm[0], high.positionsMm[0])
        let lowPlaces = try Self.places(of: low, from: start, spacing: spacing, name: lowStack.name)
        let highPlaces = try Self.places(of: high, from: start, spacing: spacing, name: highStack.name)
        let count = max(lowPlaces.last!, highPlaces.last!) + 1
        let missing =
            Self.missing(lowPlaces, count: count, order: low, start: start, spacing: spacing, stack: lowStack)
            + Self.missing(highPlaces, count: count, order: high, start: start, spacing: spacing, stack: highStack)
        guard missing.isEmpty else { throw SetAside(missing) }

        let first = low.headers[0]
        guard first.rows * first.columns * count <= maximumVoxels else {
            throw SetAside(
                .overLimit,
                "\(first.columns) x \(first.rows) x \(count) voxels are more than the limit of \(maximumVoxels).",
                remedy: "Raise the limit, or reconstruct a smaller field.")
        }
        geometry = GridGeometry(
            columns: first.columns, rows: first.rows, slices: count, columnSpacingMm: first.pixelSpacing[1],
            rowSpacingMm: first.pixelSpacing[0], sliceSpacingMm: spacing, origin: first.origin,
            rowDirection: low.rowDirection, columnDirection: low.columnDirection)
        self.low = low.headers
        self.high = high.headers
    }

    /// The first voxels of both stacks must lie on one line along the normal.
    private static func checkSideways(_ low: SliceOrder, _ high: SliceOrder) throws(SetAside) {
        let normal = low.rowDirection.cross(low.columnDirection)
        let step = high.headers[0].origin - low.headers[0].origin
        let sideways = (step - step.dot(normal) * normal).length
        guard sideways > 0.1 * low.headers[0].pixelSpacing[0] else { return }
        throw SetAside(
            .reconstructedDifferently, "The fields of view of both energies are \(number(sideways)) mm apart.",
            remedy: "Reconstruct both energies with the same field of view.")
    }

    /// The index on the grid of each slice.
    private static func places(
        of order: SliceOrder, from start: Double, spacing: Double, name: String
    ) throws(SetAside) -> [Int] {
        var places: [Int] = []
        var worst = 0.0
        for position in order.positionsMm {
            let exact = (position - start) / spacing
            // A hostile position must not become an index of billions.
            guard exact < 1e5 else {
                throw SetAside(
                    .unevenSpacing,
                    "The slices of \(name) span \(number(position - start)) mm in steps of "
                        + "\(number(spacing)) mm.", remedy: "Send the series again.")
            }
            places.append(Int(exact.rounded()))
            // Rounded spacing accumulates along the stack: a thousandth a slice is allowed on top.
            let allowed = SliceOrder.tolerance * 4 + exact * 1e-3
            worst = max(worst, abs(exact - exact.rounded()) - allowed)
        }
        guard worst <= 0, Set(places).count == places.count else {
            throw SetAside(
                .unevenSpacing, "The slices of \(name) are not evenly spaced at \(number(spacing)) mm.",
                remedy: "Reconstruct the series with one slice spacing.")
        }
        return places
    }

    private static func missing(
        _ places: [Int], count: Int, order: SliceOrder, start: Double, spacing: Double, stack: SliceStack
    ) -> [FateReason] {
        let present = Set(places)
        let absent = (0..<count).filter { !present.contains($0) }
        guard !absent.isEmpty else { return [] }
        var ranges: [ClosedRange<Int>] = []
        for place in absent {
            if let last = ranges.last, last.upperBound + 1 == place {
                ranges[ranges.count - 1] = last.lowerBound...place
            } else {
                ranges.append(place...place)
            }
        }
        let places = ranges.prefix(4).map { range in
            range.count == 1
                ? "slice \(range.lowerBound + 1)" : "slices \(range.lowerBound + 1) to \(range.upperBound + 1)"
        }
        let text = places.joined(separator: ", ") + (ranges.count > 4 ? " and elsewhere" : "")
        let from = start + Double(ranges[0].lowerBound) * spacing
        return [
            FateReason(
                .missingSlices,
                "\(absent.count) of \(count) slices of \(stack.name) are missing: \(text), from "
                    + "\(number(from)) mm along the stack.", remedy: "Send \(stack.name) again.")
        ]
    }
}
