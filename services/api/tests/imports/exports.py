"""An export as LinkedIn writes it, each cell with words of its own."""

import csv
from io import BytesIO, StringIO
from zipfile import ZIP_DEFLATED, ZipFile

TABLES = {
    "Profile.csv": [
        {
            "First Name": "Katherine",
            "Last Name": "Johnson",
            "Maiden Name": "Coleman",
            "Address": "1 Langley Boulevard",
            "Birth Date": "Aug 26",
            "Headline": "Human computer, later mathematician",
            "Summary": "Counted everything.\n\nThe steps to the church, too.",
            "Industry": "Aerospace",
            "Zip Code": "23681",
            "Geo Location": "Hampton, Virginia, United States",
            "Twitter Handles": "[katherinej,counting]",
            "Websites": "[PORTFOLIO:https://katherine.example.org,BLOG:https://blog.example.org]",
            "Instant Messengers": "[SKYPE:kjohnson]",
        }
    ],
    "Email Addresses.csv": [
        {
            "Email Address": "old@example.org",
            "Confirmed": "Yes",
            "Primary": "No",
            "Updated On": "1/2/03, 4:05 AM",
        },
        {
            "Email Address": "kj@example.org",
            "Confirmed": "Yes",
            "Primary": "Yes",
            "Updated On": "6/7/08, 9:10 AM",
        },
    ],
    "PhoneNumbers.csv": [
        {"Extension": "17", "Number": "+1 757 0100", "Type": "Work"},
        {"Extension": "", "Number": "+1 757 0199", "Type": "Mobile"},
    ],
    "Positions.csv": [
        {
            "Company Name": "NASA",
            "Title": "Aerospace technologist",
            "Description": "Trajectories.\n- Freedom 7\n- Friendship 7",
            "Location": "Langley",
            "Started On": "Oct 1958",
            "Finished On": "",
        },
        {
            "Company Name": "NACA",
            "Title": "Computer",
            "Description": "",
            "Location": "",
            "Started On": "1953",
            "Finished On": "septiembre de 1958",
        },
    ],
    "Education.csv": [
        {
            "School Name": "West Virginia State College",
            "Start Date": "1933",
            "End Date": "Jun 1937",
            "Notes": "Summa cum laude",
            "Degree Name": "BS in Mathematics and French",
            "Activities": "Alpha Kappa Alpha",
        }
    ],
    "Skills.csv": [{"Name": "Analytic geometry"}, {"Name": "Celestial navigation"}],
    "Languages.csv": [{"Name": "French", "Proficiency": "Professional working proficiency"}],
    "Certifications.csv": [
        {
            "Name": "Teaching certificate",
            "Url": "https://certificates.example.org",
            "Authority": "State of West Virginia",
            "Started On": "Jul 1937",
            "Finished On": "Summer 1941",
            "License Number": "WV-1937-1",
        }
    ],
    "Projects.csv": [
        {
            "Title": "Determination of azimuth angle",
            "Description": "TN D-233",
            "Url": "https://azimuth.example.org",
            "Started On": "Sep 1959",
            "Finished On": "Sep 1960",
        }
    ],
    "Honors.csv": [
        {"Title": "Medal of Freedom", "Description": "From the President", "Issued On": "Nov 2015"}
    ],
    "Publications.csv": [
        {
            "Name": "Reaching for the Moon",
            "Published On": "Sep 17, 2019",
            "Description": "Memoir",
            "Publisher": "Atheneum",
            "Url": "https://books.example.org",
        }
    ],
    "Patents.csv": [
        {
            "Title": "Launch window tables",
            "Description": "Never filed",
            "Number": "US-0",
            "Filed On": "Jan 1962",
        }
    ],
    "Courses.csv": [{"Name": "Analytic Geometry of Space", "Number": "MATH-404"}],
    "Volunteering.csv": [
        {
            "Company Name": "Carver Memorial",
            "Role": "Choir singer",
            "Cause": "ARTS_AND_CULTURE",
            "Started On": "1953",
            "Finished On": "",
            "Description": "Fifty years of it",
        }
    ],
    "Organizations.csv": [
        {
            "Name": "Delta Sigma",
            "Position": "Member",
            "Description": "Service",
            "Started On": "Jan 1936",
            "Finished On": "Feb 1936",
        }
    ],
    "Test Scores.csv": [
        {"Name": "Civil service exam", "Description": "Federal", "Taken On": "May 1953", "Score": "98"}
    ],
    "Recommendations_Received.csv": [
        {
            "First Name": "John",
            "Last Name": "Glenn",
            "Company": "Mercury Seven",
            "Job Title": "Astronaut",
            "Text": "Get the girl to check the numbers",
            "Creation Date": "02/20/62, 09:47 AM",
            "Status": "VISIBLE",
        },
        {
            "First Name": "Paul",
            "Last Name": "Stafford",
            "Company": "Space Task Group",
            "Job Title": "Engineer",
            "Text": "Not shown to all",
            "Creation Date": "03/21/62, 09:47 AM",
            "Status": "HIDDEN",
        },
    ],
}
NOTES = 'Notes:\n"When exporting, you may notice that some values are missing."\n\n'


def table(rows: list[dict[str, str]], *, before: str = "") -> str:
    text = StringIO(before, newline="")
    text.seek(0, 2)
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def archive(files: dict[str, str | bytes]) -> bytes:
    data = BytesIO()
    with ZipFile(data, "w", ZIP_DEFLATED) as writer:
        for name, content in files.items():
            writer.writestr(name, content)
    return data.getvalue()


def basic() -> bytes:
    """Files beside each other, some with a byte order mark or notes."""
    files: dict[str, str | bytes] = {name: table(rows) for name, rows in TABLES.items()}
    files["Positions.csv"] = table(TABLES["Positions.csv"]).encode("utf-8-sig")
    files["Skills.csv"] = table(TABLES["Skills.csv"], before=NOTES)
    files["Profile.csv"] = table(TABLES["Profile.csv"]).encode("utf-16")
    return archive(files)


def complete() -> bytes:
    """The same in folders, among files of other matters, with the names of other years."""
    renamed = {
        "Volunteering.csv": "Volunteering Experiences.csv",
        "PhoneNumbers.csv": "Phone Numbers.csv",
        "Recommendations_Received.csv": "Recommendations Received.csv",
    }
    files: dict[str, str | bytes] = {
        f"Complete_LinkedInDataExport/{renamed.get(name, name)}": table(rows) for name, rows in TABLES.items()
    }
    files["Complete_LinkedInDataExport/Connections.csv"] = NOTES + "First Name,Last Name\nMary,Jackson\n"
    files["Complete_LinkedInDataExport/messages.csv"] = b"\xff\xff not even text"
    files["Complete_LinkedInDataExport/Rich_Media.zip"] = archive({"Positions.csv": "x"})
    files["Complete_LinkedInDataExport/Positions/"] = ""
    return archive(files)
