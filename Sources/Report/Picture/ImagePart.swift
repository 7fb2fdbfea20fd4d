package import DualEnergyCT

/// A part of the image that has a picture of its own: each hand of two, or all that was scanned.
package struct ImagePart: Sendable, Equatable {
    package var box: VoxelBox
    /// Nil when the header does not say, or contradicts where the part lies.
    package var side: BodySide?
    /// Whether the fingers point to the feet, so that the picture is turned for them to point up.
    package var isUpsideDown = false

    package init(box: VoxelBox, side: BodySide?) {
        self.box = box
        self.side = side
    }

    /// The parts, the patient's right first.
    ///
    /// Two hands are told apart at the gap between their bones along the patient's left-right axis.
    package static func parts(
        image: Volume<Int16>, labels: Volume<UInt16>, place: Place, deposits: [Deposit] = []
    ) -> [ImagePart] {
        var whole = all(image: image, labels: labels)
        whole.side = place.laterality == .right ? .right : place.laterality == .left ? .left : nil
        guard place.laterality == .both, let (right, left) = halves(of: whole.box, image: image, labels: labels) else {
            return [whole.turned(image, place)]
        }
        var parts = [ImagePart(box: right, side: .right), ImagePart(box: left, side: .left)]
        // The core looks at the anatomy: where it names another side the picture names none.
        let isContradicted = deposits.contains { deposit in
            guard let side = deposit.place?.side, let index = parts.firstIndex(where: { $0.holds(deposit, image) })
            else { return false }
            return parts[index].side != side
        }
        if isContradicted { for index in parts.indices { parts[index].side = nil } }
        return parts.map { $0.turned(image, place) }
    }

    /// All that is bone or deposit with the skin around it; without any, all that is denser than lung.
    package static func all(image: Volume<Int16>, labels: Volume<UInt16>) -> ImagePart {
        let geometry = image.geometry
        let whole = geometry.box
        let marked = bounds(geometry, labels.voxels, in: whole, where: isMarked)
        guard let found = marked ?? bounds(geometry, image.voxels, in: whole, where: { $0 > -300 }) else {
            return ImagePart(box: whole, side: nil)
        }
        return ImagePart(
            box: widened(found, byMm: marked == nil ? 2 : skinMm, within: whole, geometry), side: nil)
    }

    /// Skin and fat around the bones of a limb.
    private static let skinMm = 14.0

    private static func isMarked(_ label: UInt16) -> Bool {
        label != SegmentLabel.none && label != SegmentLabel.excluded
    }

    // MARK: - Two hands

    private static func halves(
        of box: VoxelBox, image: Volume<Int16>, labels: Volume<UInt16>
    ) -> (right: VoxelBox, left: VoxelBox)? {
        let geometry = image.geometry
        let axes = [geometry.rowDirection, geometry.columnDirection, geometry.sliceDirection]
        guard let axis = axes.indices.max(by: { axes[$0].x.magnitude < axes[$1].x.magnitude }) else { return nil }
        let ranges = [box.columns, box.rows, box.slices]
        let range = ranges[axis]
        var profile = [Int](repeating: 0, count: range.count)
        for k in box.slices {
            for j in box.rows {
                for i in box.columns where isMarked(labels.voxels[geometry.index(i, j, k)]) {
                    profile[(axis == 0 ? i : axis == 1 ? j : k) - range.lowerBound] += 1
                }
            }
        }
        let spacings = [geometry.columnSpacingMm, geometry.rowSpacingMm, geometry.sliceSpacingMm]
        guard let cut = gap(profile, spacingMm: spacings[axis]) else { return nil }
        func half(_ part: Range<Int>) -> VoxelBox {
            var ranges = ranges
            ranges[axis] = part
            let search = VoxelBox(columns: ranges[0], rows: ranges[1], slices: ranges[2])
            let found = bounds(geometry, labels.voxels, in: search, where: isMarked) ?? search
            return widened(found, byMm: skinMm, within: search, geometry)
        }
        let low = half(range.lowerBound..<(range.lowerBound + cut))
        let high = half((range.lowerBound + cut)..<range.upperBound)
        return axes[axis].x > 0 ? (low, high) : (high, low)
    }

    /// Two hands side by side have at least this much skin and fat between their bones; fingers of one hand have less.
    private static let leastGapMm = 6.0

    /// Middle of the longest nearly empty stretch between the first and the last quarter of what the profile counts;
    /// nil when none is as long as between two hands.
    private static func gap(_ profile: [Int], spacingMm: Double) -> Int? {
        let total = profile.reduce(0, +)
        let limit = (profile.max() ?? 0) / 50
        var sum = 0
        var run = 0..<0
        var longest = 0..<0
        for (index, count) in profile.enumerated() {
            sum += count
            let isBetween = sum * 4 >= total && sum * 4 <= 3 * total
            guard isBetween, count <= limit else {
                run = (index + 1)..<(index + 1)
                continue
            }
            run = run.lowerBound..<(index + 1)
            if run.count > longest.count { longest = run }
        }
        guard Double(longest.count) * spacingMm >= leastGapMm else { return nil }
        return (longest.lowerBound + longest.upperBound) / 2
    }

    private func holds(_ deposit: Deposit, _ image: Volume<Int16>) -> Bool {
        let geometry = image.geometry
        let index = Resampler.index(deposit.centre, in: geometry)
        let (i, j, k) = (Int(index.i.rounded()), Int(index.j.rounded()), Int(index.k.rounded()))
        return box.columns.contains(i) && box.rows.contains(j) && box.slices.contains(k)
    }

    // MARK: - Fingers up

    /// A hand is shown with the fingers up: the end with less tissue is theirs.
    private func turned(_ image: Volume<Int16>, _ place: Place) -> ImagePart {
        guard place.region == .hand || place.region == .wrist else { return self }
        let geometry = image.geometry
        let view = View(geometry: geometry, box: box)
        let count = view.verticalRange.count
        guard count >= 20 else { return self }
        var tissue = [Int](repeating: 0, count: count)
        let width = view.horizontalRange.count
        for k in box.slices {
            for j in box.rows {
                for i in box.columns where image.voxels[geometry.index(i, j, k)] > -300 {
                    tissue[view.pixel(i, j, k) / width] += 1
                }
            }
        }
        let end = count / 6
        let top = tissue.prefix(end).reduce(0, +)
        let bottom = tissue.suffix(end).reduce(0, +)
        var result = self
        // Clearly so, or the head stays up.
        result.isUpsideDown = Double(top) > 1.4 * Double(bottom)
        return result
    }

    // MARK: - Boxes

    private static func widened(
        _ found: VoxelBox, byMm marginMm: Double, within limit: VoxelBox, _ geometry: GridGeometry
    ) -> VoxelBox {
        func widened(_ range: Range<Int>, _ spacingMm: Double, _ limit: Range<Int>) -> Range<Int> {
            let margin = Int((marginMm / spacingMm).rounded(.up))
            return max(limit.lowerBound, range.lowerBound - margin)..<min(limit.upperBound, range.upperBound + margin)
        }
        return VoxelBox(
            columns: widened(found.columns, geometry.columnSpacingMm, limit.columns),
            rows: widened(found.rows, geometry.rowSpacingMm, limit.rows),
            slices: widened(found.slices, geometry.sliceSpacingMm, limit.slices))
    }

    private static func bounds<Value>(
        _ geometry: GridGeometry, _ values: [Value], in box: VoxelBox, where isInside: (Value) -> Bool
    ) -> VoxelBox? {
        var low = (geometry.columns, geometry.rows, geometry.slices)
        var high = (-1, -1, -1)
        values.withUnsafeBufferPointer { values in
            for k in box.slices {
                for j in box.rows {
                    let start = geometry.index(0, j, k)
                    for i in box.columns where isInside(values[start + i]) {
                        low = (min(low.0, i), min(low.1, j), min(low.2, k))
                        high = (max(high.0, i), max(high.1, j), max(high.2, k))
                    }
                }
            }
        }
        guard high.0 >= 0 else { return nil }
        return VoxelBox(columns: low.0..<(high.0 + 1), rows: low.1..<(high.1 + 1), slices: low.2..<(high.2 + 1))
    }
}
