import DualEnergyCT

/// Images of one series that can lie on one grid: same plane, pixels, reconstruction and energy.
struct SliceStack {
    var claim: EnergyClaim
    var headers: [ImageHeader]

    var first: ImageHeader { headers[0] }

    /// Whether an image belongs to the stack.
    func accepts(_ header: ImageHeader, claim: EnergyClaim) -> Bool {
        claim == self.claim && header.seriesInstanceUID == first.seriesInstanceUID && differences(from: header).isEmpty
    }

    /// The attributes in which an image cannot lie on the grid of this stack. Frame of reference first, since
    /// without it the others mean nothing.
    func differences(from header: ImageHeader) -> [String] {
        var names: [String] = []
        if header.frameOfReferenceUID != first.frameOfReferenceUID { names.append("frame of reference") }
        if header.rows != first.rows || header.columns != first.columns { names.append("image size") }
        if !close(header.pixelSpacing, first.pixelSpacing, 1e-4) { names.append("pixel spacing") }
        if !close(header.orientation, first.orientation, 1e-3) { names.append("orientation") }
        if !close([header.sliceThickness ?? 0], [first.sliceThickness ?? 0], 1e-2) { names.append("slice thickness") }
        if header.kernel != first.kernel { names.append("kernel") }
        return names
    }

    private func close(_ a: [Double], _ b: [Double], _ tolerance: Double) -> Bool {
        a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance }
    }

    /// Divides images into stacks, in the order of their first image.
    static func group(_ headers: [ImageHeader], rules: VendorRules) -> [SliceStack] {
        var stacks: [SliceStack] = []
        var ofSeries: [String: [Int]] = [:]
        for header in headers {
            let claim = EnergyClaim(of: header, rules: rules)
            let candidates = ofSeries[header.seriesInstanceUID, default: []]
            if let index = candidates.first(where: { stacks[$0].accepts(header, claim: claim) }) {
                stacks[index].headers.append(header)
            } else {
                ofSeries[header.seriesInstanceUID, default: []].append(stacks.count)
                stacks.append(SliceStack(claim: claim, headers: [header]))
            }
        }
        return stacks
    }

    /// How the stack is named to a person.
    var name: String {
        let series = first.seriesNumber.map { "series \($0)" } ?? "a series without number"
        return claim.beam.map { "\(series) (\($0.name))" } ?? series
    }
}
