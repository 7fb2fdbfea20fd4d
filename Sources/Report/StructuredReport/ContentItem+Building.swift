import DICOM
import DualEnergyCT

/// Short forms for the content items that the templates are made of.
extension ContentItem {
    static func container(
        _ concept: Code, template: String? = nil, _ relationship: Relationship = .contains, children: [ContentItem]
    ) -> ContentItem {
        ContentItem(relationship, concept.concept, .container(template: template, continuous: true), children: children)
    }

    static func text(_ relationship: Relationship, _ concept: Code, _ text: String) -> ContentItem {
        ContentItem(relationship, concept.concept, .text(text))
    }

    static func code(
        _ relationship: Relationship, _ concept: Code, _ value: Code, children: [ContentItem] = []
    ) -> ContentItem {
        ContentItem(relationship, concept.concept, .code(value.concept), children: children)
    }

    static func uid(_ relationship: Relationship, _ concept: Code, _ uid: UID) -> ContentItem {
        ContentItem(relationship, concept.concept, .uidReference(uid))
    }

    /// A number with so many decimals; one that cannot be written says so instead of being zero (PS3.16 CID 42).
    static func number(
        _ concept: Code, _ value: Double, _ unit: Code, decimals: Int, as relationship: Relationship = .contains,
        children: [ContentItem] = []
    ) -> ContentItem {
        let text = NumberText.decimalString.fixed(value, decimals: decimals)
        return ContentItem(
            relationship, concept.concept,
            .numeric(
                value: text, unit: unit.concept, qualifier: text == nil ? Code.measurementFailure.concept : nil),
            children: children)
    }

    /// A number with its 95 % interval, with no more decimals than the interval supports.
    static func estimate(
        _ concept: Code, _ estimate: Estimate, _ unit: Code, maximumDecimals: Int, modifiers: [ContentItem] = []
    ) -> ContentItem {
        let decimals = min(maximumDecimals, NumberText.supportedDecimals(of: estimate))
        return number(
            concept, estimate.value, unit, decimals: decimals,
            children: modifiers + TID310MeasurementUncertainty.items(for: estimate, unit, decimals: decimals))
    }
}

/// How far the true value may lie above and below: the widths of the 95 % interval, in the unit of the parent.
///
/// Reference: PS3.16 TID 310 (Measurement Properties, rows of uncertainty).
enum TID310MeasurementUncertainty {
    static func items(for estimate: Estimate, _ unit: Code, decimals: Int) -> [ContentItem] {
        // Differences of the printed numbers, so that a reader who adds them gets the printed limits.
        func rounded(_ value: Double) -> Double {
            Double(NumberText.decimalString.fixed(value, decimals: decimals) ?? "") ?? .nan
        }
        let above = rounded(estimate.high) - rounded(estimate.value)
        let below = rounded(estimate.value) - rounded(estimate.low)
        guard above.isFinite, below.isFinite else { return [] }
        return [
            .number(.upperUncertainty, max(0, above), unit, decimals: decimals, as: .hasProperties),
            .number(.lowerUncertainty, max(0, below), unit, decimals: decimals, as: .hasProperties),
        ]
    }
}
