#include "words.h"

static const struct unit nb_units[] = {
	{ "01", "School of Arts and Sciences", 'U' },
	{ "04", "School of Communication and Information  (Undergraduate)",
	    'U' },
	{ "07", "Mason Gross School of the Arts (Undergrad)", 'U' },
	{ "10", "Edward J. Bloustein School of Planning and  Public Policy "
	    "(Undergraduate)", 'U' },
	{ "11", "School of Environmental and Biological Sciences", 'U' },
	{ "14", "School of Engineering", 'U' },
	{ "16", "The School of Graduate Studies - New Brunswick", 'G' },
	{ "17", "School of Communication and Information (Graduate)", 'G' },
	{ "18", "Graduate School of Applied and Professional  Psychology",
	    'G' },
	{ "22", "Rutgers Business School - Newark/New Brunswick  (Graduate)",
	    'G' },
	{ "33", "Rutgers Business School - Newark/New Brunswick  - New "
	    "Brunswick Campus", 'U' },
	{ "34", "Edward J. Bloustein School of Planning and  Public Policy "
	    "(Graduate)", 'G' },
	{ "37", "School of Management and Labor Relations  (Undergraduate)",
	    'U' },
	{ "77", "School of Nursing - New Brunswick (UG)", 'U' },
};

static const struct area nb_areas[] = {
	{ 0, "013", "African, Middle Eastern, and South Asian Languages and "
	    "Literatures", ARTS, 44 },
	{ 0, "050", "American Studies", ARTS, 24 },
	{ 0, "070", "Anthropology", SOCIETY, 33 },
	{ 0, "119", "Biological Sciences", SCIENCE, 19 },
	{ 0, "146", "Cell Biology and Neuroscience", SCIENCE, 25 },
	{ 0, "160", "Chemistry", SCIENCE, 35 },
	{ 0, "195", "Comparative Literature", ARTS, 25 },
	{ 0, "198", "Computer Science", ENGINEERING, 29 },
	{ 0, "202", "Criminal Justice", SOCIETY, 19 },
	{ 0, "220", "Economics", BUSINESS, 31 },
	{ 0, "358", "English - Literature", ARTS, 30 },
	{ 0, "377", "Exercise Science", HEALTH, 33 },
	{ 0, "420", "French", ARTS, 20 },
	{ 0, "447", "Genetics", SCIENCE, 19 },
	{ 0, "450", "Geography", SOCIETY, 22 },
	{ 0, "506", "History - General/Comparative", ARTS, 18 },
	{ 0, "615", "Linguistics", ARTS, 23 },
	{ 0, "640", "Mathematics", SCIENCE, 58 },
	{ 0, "730", "Philosophy", ARTS, 35 },
	{ 0, "750", "Physics", SCIENCE, 40 },
	{ 0, "790", "Political Science", SOCIETY, 56 },
	{ 0, "830", "Psychology", SOCIETY, 55 },
	{ 0, "840", "Religion", ARTS, 29 },
	{ 0, "920", "Sociology", SOCIETY, 29 },
	{ 0, "940", "Spanish", ARTS, 26 },
	{ 0, "988", "Women's, Gender, and Sexuality Studies", SOCIETY, 34 },
	{ 1, "192", "Communication", SOCIETY, 35 },
	{ 1, "547", "Information Technology and Informatics", ENGINEERING,
	    27 },
	{ 1, "567", "Journalism and Media Studies", ARTS, 34 },
	{ 2, "081", "Art", ARTS, 51 },
	{ 2, "206", "Dance", ARTS, 37 },
	{ 2, "700", "Music", ARTS, 68 },
	{ 2, "701", "Music, Applied", ARTS, 52 },
	{ 2, "966", "Theater Arts", ARTS, 72 },
	{ 3, "832", "Public Health", HEALTH, 40 },
	{ 3, "971", "Urban Planning and Design", SOCIETY, 23 },
	{ 4, "067", "Animal Science", SCIENCE, 33 },
	{ 4, "216", "Ecology, Evolution and Natural Resources", SCIENCE, 22 },
	{ 4, "374", "Environmental Policy, Institutions and Behavior",
	    SOCIETY, 20 },
	{ 5, "125", "Biomedical Engineering", ENGINEERING, 23 },
	{ 5, "332", "Electrical and Computer Engineering", ENGINEERING, 40 },
	{ 5, "650", "Mechanical and Aerospace Engineering", ENGINEERING, 30 },
	{ 6, "137", "Business and Science", BUSINESS, 50 },
	{ 6, "160", "Chemistry", SCIENCE, 23 },
	{ 6, "198", "Computer Science", ENGINEERING, 38 },
	{ 6, "332", "Electrical and Computer Engineering", ENGINEERING, 32 },
	{ 6, "350", "English", ARTS, 20 },
	{ 6, "510", "History", ARTS, 19 },
	{ 6, "640", "Mathematics", SCIENCE, 27 },
	{ 6, "682", "Microbial Biology", SCIENCE, 22 },
	{ 6, "790", "Political Science", SOCIETY, 34 },
	{ 6, "960", "Statistics", SCIENCE, 21 },
	{ 7, "610", "Library and Information Science", SOCIETY, 49 },
	{ 8, "820", "Professional Psychology", HEALTH, 51 },
	{ 9, "135", "Business Administration", BUSINESS, 40 },
	{ 10, "010", "Accounting", BUSINESS, 24 },
	{ 10, "390", "Finance", BUSINESS, 19 },
	{ 10, "799", "Supply Chain and Marketing Science", BUSINESS, 19 },
	{ 11, "833", "Public Policy", SOCIETY, 31 },
	{ 11, "970", "Urban Planning and Policy Development", SOCIETY, 42 },
	{ 12, "533", "Human Resource Management", BUSINESS, 23 },
	{ 12, "575", "Labor Studies", SOCIETY, 56 },
	{ 13, "705", "Nursing", HEALTH, 20 },
};

static const struct place nb_places[] = {
	{ "1", "College Avenue", "CAC", "COLLEGE AVENUE",
	    "SC ABW MU ABE HH FH CI VD CA HC" },
	{ "2", "Busch", "BUS", "BUSCH",
	    "SEC ARC HLL RWH PHY EN PH SRN CCB NH" },
	{ "3", "Livingston", "LIV", "LIVINGSTON", "TIL LSH BRR BE JLB" },
	{ "4", "Cook/Douglass", "D/C", "DOUGLAS/COOK",
	    "HCK LOR CDL RAB FOR BIO HSB FS NIH BL" },
	{ "5", "Downtown New Brunswick", "DNB", "DOWNTOWN NB",
	    "CSB ALB SPR NUR" },
	{ "NA", "N/A", "", "", "" },
	{ "O", "O", "**", "** INVALID **", "" },
};

static const struct unit nk_units[] = {
	{ "20", "School of Public Affairs and Administration", 'G' },
	{ "21", "Newark College of Arts and Sciences", 'U' },
	{ "22", "Rutgers Business School - Newark/New Brunswick  (Graduate)",
	    'G' },
	{ "25", "School of Nursing", 'U' },
	{ "26", "The Graduate School - Newark", 'G' },
	{ "29", "Rutgers Business School - Newark/New Brunswick (UG)  - "
	    "Newark Campus", 'U' },
	{ "47", "School of Criminal Justice (UG)", 'U' },
};

static const struct area nk_areas[] = {
	{ 0, "834", "Public Administration", SOCIETY, 21 },
	{ 1, "014", "Africana Studies", ARTS, 17 },
	{ 1, "085", "Graphic Design", ARTS, 15 },
	{ 1, "120", "Biology", SCIENCE, 26 },
	{ 1, "160", "Chemistry", SCIENCE, 14 },
	{ 1, "198", "Computer Science", ENGINEERING, 20 },
	{ 1, "300", "Education", SOCIETY, 18 },
	{ 1, "350", "English", ARTS, 29 },
	{ 1, "510", "History", ARTS, 22 },
	{ 1, "640", "Mathematics", SCIENCE, 31 },
	{ 1, "730", "Philosophy", ARTS, 15 },
	{ 1, "750", "Physics", SCIENCE, 15 },
	{ 1, "790", "Political Science", SOCIETY, 23 },
	{ 1, "830", "Psychology", SOCIETY, 38 },
	{ 1, "920", "Sociology", SOCIETY, 21 },
	{ 1, "940", "Spanish", ARTS, 13 },
	{ 2, "010", "Accounting", BUSINESS, 34 },
	{ 2, "544", "Information Technology", ENGINEERING, 15 },
	{ 2, "630", "Marketing", BUSINESS, 27 },
	{ 3, "705", "Nursing", HEALTH, 22 },
	{ 4, "120", "Biology", SCIENCE, 13 },
	{ 4, "510", "History", ARTS, 14 },
	{ 4, "755", "Applied Physics", SCIENCE, 12 },
	{ 4, "790", "Political Science", SOCIETY, 12 },
	{ 5, "390", "Finance", BUSINESS, 17 },
	{ 5, "620", "Management", BUSINESS, 13 },
	{ 5, "799", "Supply Chain and Marketing Science", BUSINESS, 16 },
	{ 6, "202", "Criminal Justice", SOCIETY, 22 },
};

static const struct place nk_places[] = {
	{ "7", "Newark", "NWK", "NEWARK",
	    "CON 1WP HIL SMT ENG WRN BOY ACK HAH LSC CPS CLJ OLS" },
};

static const struct unit cm_units[] = {
	{ "24", "Rutgers School of Law-Camden", 'G' },
	{ "50", "Camden College of Arts & Sciences", 'U' },
	{ "52", "Rutgers School of Business-Camden (U)", 'U' },
	{ "53", "Rutgers School of Business-Camden (G)", 'G' },
	{ "56", "The Graduate School-Camden", 'G' },
	{ "57", "School of Nursing - Camden (UG)", 'U' },
};

static const struct area cm_areas[] = {
	{ 0, "601", "Law - Camden", SOCIETY, 80 },
	{ 1, "080", "Art", ARTS, 26 },
	{ 1, "120", "Biology", SCIENCE, 40 },
	{ 1, "160", "Chemistry", SCIENCE, 21 },
	{ 1, "198", "Computer Science", ENGINEERING, 25 },
	{ 1, "220", "Economics", BUSINESS, 21 },
	{ 1, "350", "English", ARTS, 24 },
	{ 1, "510", "History", ARTS, 20 },
	{ 1, "640", "Mathematics", SCIENCE, 23 },
	{ 1, "701", "Music, Applied", ARTS, 20 },
	{ 1, "790", "Political Science", SOCIETY, 23 },
	{ 1, "830", "Psychology", SOCIETY, 28 },
	{ 1, "920", "Sociology", SOCIETY, 18 },
	{ 2, "010", "Accounting", BUSINESS, 18 },
	{ 2, "630", "Marketing", BUSINESS, 14 },
	{ 3, "135", "Business Administration", BUSINESS, 14 },
	{ 4, "120", "Biology", SCIENCE, 16 },
	{ 4, "198", "Computer Science", ENGINEERING, 12 },
	{ 4, "834", "Public Administration", SOCIETY, 12 },
	{ 5, "705", "Nursing", HEALTH, 45 },
};

static const struct place cm_places[] = {
	{ "6", "Camden", "CAM", "CAMDEN",
	    "ATG BSB FA CNS SCI LAW CSW CCC PEN" },
};

#define OF(table) table, COUNT(table)
#define NB OF(nb_units), OF(nb_areas), nb_places, COUNT(nb_places) - 2, 5, 6, \
	"0830 1020 1210 1400 1550 1740 1930"
#define NK OF(nk_units), OF(nk_areas), nk_places, 1, 0, 0, \
	"0830 1000 1130 1300 1430 1600 1800"
#define CM OF(cm_units), OF(cm_areas), cm_places, 1, 0, 0, \
	"0800 0935 1110 1230 1405 1545 1800"

const struct campus campuses[] = {
	{ "CM", "CM", "OC", "CM", 960, 10, 100, 2999, 0, CM },
	{ "NK", "NK", "ON", "DU", 1210, 16, 3000, 6999, 0, NK },
	{ "ONLINE_CM", "CM", "OC", "CM", 150, 10, 7000, 7499, 1, CM },
	{ "ONLINE_NK", "NK", "ON", "DU", 180, 10, 7500, 8099, 1, NK },
	{ "ONLINE_NB", "NB", "OB", "LB", 300, 10, 8100, 9999, 1, NB },
	{ "NB", "NB", "OB", "LB", 4600, 41, 10100, 25999, 0, NB },
};
const int ncampuses = COUNT(campuses);

const struct kind kinds[] = {
	{ "02", "LEC", PAIR, 'T', 40, 14 },
	{ "02", "LEC", LONG, 'T', 14, 20 },
	{ "02", "LEC", RECITATION, 'T', 9, 0 },
	{ "02", "LEC", LABORATORY, 'T', 7, 1 },
	{ "04", "SEM", LONG, 'T', 4, 5 },
	{ "07", "STUDIO", LONG, 'T', 3, 1 },
	{ "90", "ONLINE INSTRUCTION(INTERNET)", ONLINE, 'O', 9, 8 },
	{ "02", "LEC", REMOTE, 'O', 2, 2 },
	{ "02", "LEC", HYBRID, 'H', 4, 2 },
	{ "19", "PROJ-IND", ARRANGED, 'T', 5, 8 },
	{ "15", "INTERNSP", ARRANGED, 'T', 2, 1 },
	{ "16", "CLINIC", ARRANGED, 'T', 1, 2 },
	{ "23", "RSCH-MA", ARRANGED, 'T', 0, 28 },
	{ "80", "GRADUATE 800-LEVEL", ARRANGED, 'T', 0, 8 },
};
const int nkinds = COUNT(kinds);

const struct label recitation = { "03", "RECIT" };
const struct label laboratory = { "05", "LAB" };
const struct label internet = { "90", "ONLINE INSTRUCTION(INTERNET)" };

const struct label forms[] = {
	{ "", "" },
	{ "INTRO ", "INTRODUCTION TO " },
	{ "ADV ", "ADVANCED " },
	{ "TOPICS IN ", "TOPICS IN " },
	{ "SEM IN ", "SEMINAR IN " },
	{ "PRIN OF ", "PRINCIPLES OF " },
	{ "RES IN ", "RESEARCH IN " },
	{ "HISTORY OF ", "HISTORY OF " },
	{ "SPEC'L TOP ", "SPECIAL TOPICS IN " },
	{ "METHODS: ", "RESEARCH METHODS: " },
};
const int nforms = COUNT(forms);

const char *const topics[FIELDS][16] = {
	{ "MEDIEVAL LITERATURE", "WORLD CINEMA", "CREATIVE WRITING",
	    "MODERN POETRY", "FIGURE DRAWING", "CHAMBER ENSEMBLE",
	    "ANCIENT PHILOSOPHY", "BAROQUE MUSIC", "LANGUAGE AND CULTURE",
	    "PRINTMAKING", "THE NOVEL", "ETHICS", "STAGE PRODUCTION",
	    "TRANSLATION", "MYTH AND RITUAL", "ATLANTIC WORLD" },
	{ "PUBLIC OPINION", "SOCIAL INEQUALITY", "URBAN COMMUNITIES",
	    "GENDER AND WORK", "CONSTITUTIONAL LAW", "HUMAN RIGHTS",
	    "SOCIAL RESEARCH", "CRIME AND SOCIETY", "CHILD DEVELOPMENT",
	    "POLITICAL THEORY", "MEDIA AND DEMOCRACY", "LAND USE",
	    "LABOR MOVEMENTS", "MIGRATION", "COGNITION", "GLOBAL POLICY" },
	{ "ORGANIC CHEMISTRY", "LINEAR ALGEBRA", "MOLECULAR GENETICS",
	    "QUANTUM MECHANICS", "PROBABILITY", "MARINE ECOLOGY",
	    "THERMODYNAMICS", "CELL BIOLOGY", "MULTIVARIABLE CALCULUS",
	    "OPTICS", "ANIMAL NUTRITION", "REGRESSION", "NEUROSCIENCE",
	    "ASTROPHYSICS", "SPECTROSCOPY", "EVOLUTION" },
	{ "DATA STRUCTURES", "SIGNALS AND SYSTEMS", "FLUID MECHANICS",
	    "OPERATING SYSTEMS", "MACHINE LEARNING", "CONTROL THEORY",
	    "DATABASE SYSTEMS", "CIRCUIT DESIGN", "ROBOTICS",
	    "COMPUTER NETWORKS", "BIOMATERIALS", "HEAT TRANSFER",
	    "COMPILERS", "HUMAN-COMPUTER INTERACTION", "ALGORITHMS",
	    "EMBEDDED SYSTEMS" },
	{ "FINANCIAL ACCOUNTING", "ECONOMETRICS", "MARKETING RESEARCH",
	    "SUPPLY CHAIN ANALYTICS", "CORPORATE FINANCE", "AUDITING",
	    "GAME THEORY", "BUSINESS LAW", "ENTREPRENEURSHIP",
	    "INTERNATIONAL TRADE", "INVESTMENTS", "NEGOTIATION",
	    "PROJECT MANAGEMENT", "TAXATION", "LEADERSHIP", "PRICING" },
	{ "EPIDEMIOLOGY", "PHARMACOLOGY", "COMMUNITY HEALTH",
	    "NURSING PRACTICE", "BIOSTATISTICS", "KINESIOLOGY",
	    "HEALTH POLICY", "CLINICAL ASSESSMENT", "NUTRITION",
	    "PATHOPHYSIOLOGY", "MENTAL HEALTH", "PATIENT CARE",
	    "HEALTH EDUCATION", "GERONTOLOGY", "COUNSELING",
	    "EXERCISE PHYSIOLOGY" },
};

const char *const surnames[] = {
	"ADAMS", "AGARWAL", "ALVAREZ", "BAKER", "BENNETT", "BHATT",
	"BRENNAN", "CALDWELL", "CARDENAS", "CHANG", "CHOWDHURY", "COHEN",
	"DANIELS", "DELGADO", "DIAZ", "DUBOIS", "EDWARDS", "ESPOSITO",
	"FARRELL", "FERRARI", "FISCHER", "GARCIA", "GOLDBERG", "GREENE",
	"GUPTA", "HADDAD", "HARRIS", "HOFFMAN", "HUANG", "IBRAHIM",
	"IVANOVA", "JACKSON", "JENKINS", "JOHNSON", "KAPLAN", "KAUFMAN",
	"KHAN", "KOWALSKI", "LARSEN", "LEVINE", "LOPEZ", "MACDONALD",
	"MARTINEZ", "MCCARTHY", "MENDOZA", "MILLER", "MORALES", "NAKAMURA",
	"NGUYEN", "NOVAK", "OCONNOR", "OKAFOR", "ORTIZ", "PATEL", "PEREZ",
	"PETROV", "QUINN", "RAMIREZ", "ROBINSON", "ROMANO", "SANTOS",
	"SCHMIDT", "SHAPIRO", "SINGH", "STERN CARDINALE", "SULLIVAN",
	"TANAKA", "TORRES", "VASQUEZ", "WALKER", "WILLIAMS", "YAMAMOTO",
	"ZHANG", "ZIMMERMAN",
};
const int nsurnames = COUNT(surnames);

const char *const firstnames[] = {
	"AISHA", "ALEX", "AMY", "ANDREA", "BRIAN", "CARLA", "CHEN", "DANIEL",
	"DIANE", "ELENA", "ERIC", "FATIMA", "GRACE", "HAO", "HELEN", "IRIS",
	"JAMES", "JESSE", "JOAN", "JOSE", "KAREN", "KEVIN", "LAURA", "LEILA",
	"LUIS", "MARIA", "MARK", "MEI", "MIMI", "NADIA", "NORA", "OMAR",
	"PAUL", "PRIYA", "RAJ", "ROSA", "RUTH", "SAMUEL", "SARA", "SOFIA",
	"STEVEN", "TANIA", "THOMAS", "UMA", "VERA", "WILMA", "YUSUF", "ZOE",
};
const int nfirstnames = COUNT(firstnames);

const struct label core_codes[] = {
	{ "SOEHS", "SOE Only: Approved Humanities/Social Science" },
	{ "CE", "Non-Core: Community Engagement" },
	{ "AHp", "Arts and Literatures" },
	{ "WCd", "Writing and Communication in a Discipline" },
	{ "HST", "Historical Analysis" },
	{ "CCD", "Diversities and Social Inequalities" },
	{ "CCO", "Our Common Future" },
	{ "AHo", "Philosophical and Theoretical Issues" },
	{ "NS", "Natural Sciences" },
	{ "WCr", "Writing and Communication, Revision" },
	{ "SCL", "Social Analysis" },
	{ "QQ", "Quantitative Information" },
};
const int ncore_codes = COUNT(core_codes);

const struct core cores[] = {
	{ "121", 1728323919000 }, { "101", 1720548000000 },
	{ "17", 1468423733000 }, { "27", 1468423822000 },
	{ "20", 1468423759000 }, { "78585", 1545063307000 },
	{ "78586", 1545063307000 }, { "16", 1468423723000 },
	{ "22", 1468423776000 }, { "28", 1468423831000 },
	{ "25", 1468423803000 }, { "23", 1468423785000 },
};

/* The first three belong to all, to online and to hybrid sections. */
const struct label comments[] = {
	{ "05", "Go to http://canvas.rutgers.edu" },
	{ "56", "Online Course" },
	{ "23", "Hybrid Section - Some Meetings Online" },
	{ "AU", "First-year students welcome" },
	{ "35", "See online schedule for prereqs" },
	{ "07", "Degree students only" },
	{ "AI", "First Day Course Materials Charge.  Go to: "
	    "firstday.rutgers.edu for more information" },
	{ "37", "Common Hour Exam (CHE) schedule available at "
	    "scheduling.rutgers.edu" },
	{ "AL", "Course may require: Webcam, Microphone, Phone Camera or "
	    "Scanner" },
	{ "13", "Second 7 weeks" },
	{ "12", "First 7 weeks" },
	{ "43", "Course Fees Applicable" },
	{ "87", "For Honors Students only" },
	{ "92", "Writing Intensive" },
};
const int ncomments = COUNT(comments);

const struct label exams[] = {
	{ "A", "By arrangement" }, { "C", "During class hour" },
	{ "O", "No final exam" }, { "M", "Computer Science" },
	{ "F", "Math" }, { "I", "Physics" }, { "S", "Single day exam" },
	{ "J", "Biology" }, { "G", "Chemistry" }, { "U", "U" },
};
const int nexams = COUNT(exams);

const struct label permissions[] = {
	{ "03", "Department staff" }, { "04", "Instructor" },
	{ "16", "Department" }, { "14", "Program Director" },
	{ "20", "Program" }, { "24", "Academic Advisor" },
};
const int npermissions = COUNT(permissions);

const char *const section_notes[] = {
	"THIS SECTION HAS ONLINE LECTURES",
	("PRE-REQ: 01:119:115 WITH GRADE OF \"C\" OR BETTER. NO SPNS GIVEN "
	    "FOR CLOSED SECTION "),
	"MATH GRADUATE STUDENTS ONLY SPECIAL PERMISSION NEEDED  ",
	"STUDENTS MUST ARRANGE A RESEARCH",
	"FOR MASTERS PROGRAM STUDENTS",
	"PRE-REQ: 119:115 CO-REQ: 119:116  ",
	"PREREQ: CALCULUS I",
	"COREQ: 750:204",
	"OPEN ONLY TO INCOMING SAS TRANSFER STUDENTS  ",
	"NO CREDIT FOR MORE THAN; ONE CALC I COURSE  ",
	"BY AUDITION ONLY",
	"NO SPN, KEEP MONITORING WEBREG",
	"WINDOWS AND/OR MACBOOK LAPTOP COMPUTER REQUIRED  ",
	("PRE-REQ \xc2\xbf\xc2\xbf(21:830:102 OR 21:112:200) AND "
	    "(21:830:101)\xc2\xbf\xc2\xbf  "),
	"COURSE MEETS FOR 10 WEEKS",
	"FOR MFA STUDENTS ONLY",
};
const int nsection_notes = COUNT(section_notes);

const char *const course_notes[] = {
	("THIS COURSE WILL BE RESTRICTED TO DECLARED MAJORS FOR THE FIRST "
	    "2-WEEKS OF REGISTRATION\r\nCREDIT NOT GIVEN TWICE."),
	"LABS START THE SECOND WEEK OF THE TERM",
	("Prerequisites: Bachelor\xc2\xbf\xc2\xbfs degree in a biological "
	    "science. Background or experience in molecular biology."),
	"ARTS & DESIGN MAJORS WILL NOT RECEIVE MAJOR CREDIT",
	("If you are interested in taking lessons face to face, check with "
	    "your advisor "),
};
const int ncourse_notes = COUNT(course_notes);

const char *const subject_notes[] = {
	"NO SPECIAL PERMISSION NUMBERS ARE GIVEN FOR CLOSED SECTIONS.",
	("INSTRUCTORS CANNOT ISSUE SPECIAL PERMISSION TO ENTER CLOSED "
	    "COURSES. REQUESTS FOR SPECIAL PERMISSION MUST BE MADE BY "
	    "APPLICATION TO THE DEPARTMENT."),
	("**PREREGISTRATION GUIDELINES**\r\n\r\nmay be found on the "
	    "department's pages."),
};
const int nsubject_notes = COUNT(subject_notes);

const char *const eligibilities[] = {
	"ALL EXCEPT 1ST YEAR", "JUNIORS AND SENIORS", "SENIORS ONLY",
	"1ST YEAR ONLY", "ALL EXCEPT SENIORS", "JUNIORS ONLY",
	"SOPHOMORES ONLY", "SOPHOMORES AND JUNIORS",
	"1ST YEAR AND SOPHOMORES",
};
const int neligibilities = COUNT(eligibilities);

const char *const subtitles[] = {
	"VIOLIN", "VOICE", "PIANO", "Poetry, Fiction, Creative Nonfiction",
	"COMPOSITION", "JAZZ DRUMS", "HONORS PROSPECTUS", "SOCIAL MEDIA",
	"WHO GETS WHAT? RACE, GENDER & PBLC PLCY", "SPACE PHYSICS",
	"\xc2\xbf\xc2\xbfRELIGION IN THE CITY", "DATA AND SOCIETY",
};
const int nsubtitles = COUNT(subtitles);
