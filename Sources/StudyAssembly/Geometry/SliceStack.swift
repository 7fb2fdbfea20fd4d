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
    func differences(from header: ImageHeader) -> [GridAttribute] {
        GridAttribute.allCases.filter { !$0.isSame(first, header) }
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

    /// How far the first pixels of the lowest slices of two stacks are apart within the plane, in mm. Only for headers
    /// that passed `ImageSanity`.
    func offsetMm(of other: SliceStack) -> Double {
        let cosines = first.orientation
        let normal = PatientVector(cosines[0], cosines[1], cosines[2])
            .cross(PatientVector(cosines[3], cosines[4], cosines[5]))
        func lowest(_ stack: SliceStack) -> PatientVector {
            stack.headers.map(\.origin).min { $0.dot(normal) < $1.dot(normal) } ?? stack.first.origin
        }
        let step = lowest(other) - lowest(self)
        return (step - step.dot(normal) * normal).length
    }

    /// The box around all slices along the patient's axes x, y and z, in mm. Only for headers that passed
    /// `ImageSanity`.
    var extents: [ClosedRange<Double>] {
        let cosines = first.orientation
        let across = first.pixelSpacing[1] * Double(first.columns)
        let down = first.pixelSpacing[0] * Double(first.rows)
        return (0..<3).map { axis in
            let origins = headers.map { $0.position[axis] }
            let row = cosines[axis] * across
            let column = cosines[3 + axis] * down
            let low = (origins.min() ?? 0) + min(0, row) + min(0, column)
            let high = (origins.max() ?? 0) + max(0, row) + max(0, column)
            return low...max(low, high)
        }
    }

    /// How the stack is named to a person.
    var name: String {
        let series = first.seriesNumber.map { "series \($0)" } ?? "a series without number"
        return claim.beam.map { "\(series) (\($0.name))" } ?? series
    }
}
