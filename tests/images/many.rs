//! Many patients whose images are not there: told at once, briefly, and the run ends.

use super::cohort::Cohort;

#[test]
fn hundreds_of_patients_without_images() {
    let cohort = Cohort::new(2);
    let mut text = "patient,scanner,age,poor,relapse\n".to_owned();
    for number in 0..400 {
        text.push_str(&format!(
            "Q{number:03},a,{},0,{}\n",
            40 + number % 30,
            number % 2
        ));
    }
    cohort.write("clinical.csv", text.as_bytes());
    let run = cohort.run("store", "2");
    assert_eq!(run.code, Some(1), "{}", run.printed);
    assert!(
        run.printed.contains(
            "features.radiomics: the images of 380 more patients have faults, 400 in all"
        ),
        "{}",
        run.printed
    );
    assert!(
        run.printed
            .contains("patient Q000: image b0: there is no file")
    );
    assert!(run.printed.lines().count() < 200, "{}", run.printed);
}
