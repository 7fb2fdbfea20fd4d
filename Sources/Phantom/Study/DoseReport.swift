import DICOM
import Foundation

/// A short X-Ray Radiation Dose SR of the scan.
///
/// Reference: PS3.16 TID 10011
struct DoseReport {
    let identity: StudyIdentity
    let vendor: Vendor
    let pair: SpectrumPair
    let isSingleEnergy: Bool

    func write(to folder: URL) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let header = identity.header(vendor: vendor)
        header.set(.sopClassUID, SOPClass.xRayRadiationDoseSR)
        header.set(.sopInstanceUID, identity.uid("dose report"))
        header.set(.modality, "SR")
        header.set(.seriesInstanceUID, identity.uid("dose series"))
        header.set(.seriesNumber, integer: 501)
        header.set(.seriesDescription, "Patient Protocol")
        header.set(.instanceNumber, integer: 1)
        for tag in [Tag.seriesDate, .contentDate] { header.set(tag, identity.date) }
        for tag in [Tag.seriesTime, .contentTime] { header.set(tag, identity.time) }
        header.setEmpty(.referencedPerformedProcedureStepSequence)
        header.setEmpty(.performedProcedureCodeSequence)
        header.set(.completionFlag, "COMPLETE")
        header.set(.verificationFlag, "UNVERIFIED")
        try writeStructuredReport(tree, header: header, to: folder.appendingPathComponent("0001.dcm").path)
    }

    private func number(_ code: CodedConcept, _ value: String, _ unit: CodedConcept) -> ContentItem {
        ContentItem(.contains, code, .numeric(value: value, unit: unit))
    }

    private var tree: ContentItem {
        func dcm(_ value: String, _ meaning: String) -> CodedConcept { CodedConcept(value, "DCM", meaning) }
        let milligray = CodedConcept("mGy", "UCUM", "mGy")
        let lengthProduct = CodedConcept("mGy.cm", "UCUM", "mGy.cm")
        let tomography = CodedConcept("77477000", "SCT", "Computed Tomography X-Ray")
        let accumulated = ContentItem(
            .contains, dcm("113811", "CT Accumulated Dose Data"), .container(),
            children: [
                number(
                    dcm("113812", "Total Number of Irradiation Events"), "1", CodedConcept("{events}", "UCUM", "events")
                ),
                number(dcm("113813", "CT Dose Length Product Total"), "80.6", lengthProduct),
            ])
        let acquisition = ContentItem(
            .contains, dcm("113819", "CT Acquisition"), .container(),
            children: [
                ContentItem(.contains, dcm("125203", "Acquisition Protocol"), .text("DE_Hand")),
                ContentItem(
                    .contains, CodedConcept("123014", "DCM", "Target Region"),
                    .code(CodedConcept("85562004", "SCT", "Hand"))),
                ContentItem(
                    .contains, dcm("113820", "CT Acquisition Type"),
                    .code(CodedConcept("116152004", "SCT", "Spiral Acquisition"))),
                ContentItem(
                    .contains, dcm("113769", "Irradiation Event UID"), .uidReference(identity.uid("irradiation"))),
                ContentItem(
                    .contains, dcm("113829", "CT Dose"), .container(),
                    children: [
                        number(dcm("113830", "Mean CTDIvol"), "4.2", milligray),
                        number(dcm("113838", "DLP"), "80.6", lengthProduct),
                    ]),
            ])
        return ContentItem(
            .root, dcm("113701", "X-Ray Radiation Dose Report"), .container(template: "10011"),
            children: [
                ContentItem(
                    .hasConceptModifier, dcm("121058", "Procedure reported"), .code(tomography),
                    children: [
                        ContentItem(
                            .hasConceptModifier, CodedConcept("363703001", "SCT", "Has Intent"),
                            .code(CodedConcept("261004008", "SCT", "Diagnostic Intent")))
                    ]),
                ContentItem(
                    .hasObservationContext, dcm("121005", "Observer Type"), .code(dcm("121007", "Device"))),
                ContentItem(
                    .hasObservationContext, dcm("121012", "Device Observer UID"), .uidReference(identity.uid("device"))),
                ContentItem(
                    .hasObservationContext, dcm("113809", "Start of X-Ray Irradiation"),
                    .dateTime(identity.date + identity.time)),
                ContentItem(
                    .hasObservationContext, dcm("113810", "End of X-Ray Irradiation"),
                    .dateTime(identity.date + identity.time)),
                ContentItem(
                    .hasObservationContext, dcm("113705", "Scope of Accumulation"), .code(dcm("113014", "Study")),
                    children: [
                        ContentItem(
                            .hasProperties, dcm("110180", "Study Instance UID"), .uidReference(identity.studyUID))
                    ]),
                accumulated, acquisition,
                ContentItem(
                    .contains, dcm("113854", "Source of Dose Information"),
                    .code(dcm("113856", "Automated Data Collection"))),
            ])
    }
}
