"""The goods of the demo world: names as vendors use them, list prices invented (US cents per unit and month)."""

from dataclasses import dataclass

ALL = ("Commercial", "Education", "Charity", "Government")
MOST = ("Commercial", "Charity", "Government")
BUSINESS = ("Commercial", "Charity")
TRADE = ("Commercial",)


@dataclass(frozen=True, slots=True)
class Line:
    """One product: `monthly` is the list price for a month of a yearly term; `editions` are further skus of it."""

    title: str
    monthly: int
    description: str
    segments: tuple[str, ...] = ALL
    editions: tuple[str, ...] = ()
    code: str = ""
    prefix: str = "CFQ7TTC0"
    publisher: str = "Microsoft Corporation"
    is_triennial: bool = False
    has_trial: bool = False
    is_yearly: bool = True


def _microsoft() -> list[Line]:
    cloud_pc = ("2 vCPU, 8 GB, 128 GB", "4 vCPU, 16 GB, 128 GB", "8 vCPU, 32 GB, 256 GB")
    return [
        Line(
            "Microsoft 365 Business Basic",
            640,
            "Mail, calendar, Teams and web apps,\nwith 1 TB of storage for each user.",
            BUSINESS,
            code="CFQ7TTC0LH18",
            is_triennial=True,
            has_trial=True,
        ),
        Line(
            "Microsoft 365 Business Standard",
            1320,
            "Desktop apps, mail, Teams and web apps for small companies.",
            BUSINESS,
            is_triennial=True,
            has_trial=True,
        ),
        Line(
            "Microsoft 365 Business Premium",
            2310,
            "Desktop apps, mail and Teams,\nwith device management and protection.",
            BUSINESS,
            code="CFQ7TTC0LCHC",
            is_triennial=True,
            has_trial=True,
        ),
        Line(
            "Microsoft 365 Apps for business",
            870,
            "Word, Excel, PowerPoint and Outlook for PC and Mac.",
            BUSINESS,
        ),
        Line(
            "Microsoft 365 Apps for enterprise",
            1280,
            "Desktop apps for organisations of any size.",
            MOST,
            is_triennial=True,
        ),
        Line(
            "Microsoft 365 E3",
            3740,
            "Apps, mail, Teams, Windows and core security for enterprises.",
            MOST,
            code="CFQ7TTC0LFLX",
            is_triennial=True,
            has_trial=True,
        ),
        Line(
            "Microsoft 365 E5",
            5890,
            "E3 with advanced security, voice and analytics.",
            MOST,
            ("without Audio Conferencing",),
            is_triennial=True,
            has_trial=True,
        ),
        Line(
            "Microsoft 365 E5 Security",
            1240,
            "Advanced protection for identity, mail, devices and apps.",
            MOST,
        ),
        Line(
            "Microsoft 365 E5 Compliance", 1240, "Information protection, eDiscovery and insider risk.", MOST
        ),
        Line("Microsoft 365 F1", 240, "Teams and core services for frontline workers.", MOST),
        Line("Microsoft 365 F3", 830, "Web apps, mail and Windows for frontline workers.", MOST),
        Line("Microsoft 365 F5 Security Add-on", 810, "Advanced security for frontline workers.", MOST),
        Line(
            "Microsoft 365 A3",
            620,
            "Apps and services for schools.",
            ("Education",),
            ("for faculty", "for students"),
        ),
        Line(
            "Microsoft 365 A5",
            980,
            "A3 with advanced security and analytics.",
            ("Education",),
            ("for faculty", "for students"),
        ),
        Line("Office 365 E1", 980, "Web apps, mail and Teams.", MOST, is_triennial=True),
        Line(
            "Office 365 E3",
            2290,
            "Desktop apps, mail and Teams for enterprises.",
            MOST,
            is_triennial=True,
            has_trial=True,
        ),
        Line(
            "Office 365 E5",
            3820,
            "Office 365 E3 with voice, analytics and advanced security.",
            MOST,
            is_triennial=True,
        ),
        Line("Office 365 F3", 410, "Web apps and mail for frontline workers.", MOST),
        Line("Office 365 A1 Plus", 230, "Apps for schools.", ("Education",), ("for faculty", "for students")),
        Line(
            "Microsoft 365 Copilot",
            3010,
            "An assistant in Word, Excel, PowerPoint, Outlook and Teams.",
            ALL,
            is_triennial=True,
        ),
        Line("Microsoft 365 Copilot for Sales", 4990, "Copilot connected to the customer records.", TRADE),
        Line("Microsoft 365 Copilot for Service", 4990, "Copilot for agents and their knowledge.", TRADE),
        Line("Exchange Online (Plan 1)", 410, "A 50 GB mailbox for each user.", ALL, is_triennial=True),
        Line("Exchange Online (Plan 2)", 790, "A 100 GB mailbox, archiving and hold.", ALL),
        Line("Exchange Online Kiosk", 210, "A small mailbox for shared devices.", MOST),
        Line("Exchange Online Archiving for Exchange Online", 310, "An archive mailbox of any size.", MOST),
        Line("Exchange Online Protection", 105, "Filters spam and malware out of mail.", MOST),
        Line("SharePoint (Plan 1)", 510, "Sites, lists and 1 TB of files.", ALL),
        Line("SharePoint (Plan 2)", 990, "Sites with search, hold and automation.", MOST),
        Line("SharePoint Advanced Management Plan 1", 310, "Governance of sites and their access.", MOST),
        Line("OneDrive for business (Plan 1)", 505, "1 TB of files for each user.", MOST),
        Line("OneDrive for business (Plan 2)", 985, "Files without a fixed limit.", MOST),
        Line(
            "Microsoft Teams Essentials",
            390,
            "Meetings and chat for small companies.",
            BUSINESS,
            is_triennial=True,
        ),
        Line("Microsoft Teams Enterprise", 520, "Meetings, chat and calling for enterprises.", MOST),
        Line(
            "Microsoft Teams Premium", 990, "Branded, protected and summarised meetings.", ALL, has_trial=True
        ),
        Line("Microsoft Teams Phone Standard", 1010, "A phone system in the cloud.", ALL),
        Line(
            "Microsoft Teams Phone with Calling Plan",
            1690,
            "Phone system with domestic minutes.",
            TRADE,
            ("(country zone 1)", "(country zone 2)"),
        ),
        Line(
            "Microsoft Teams Rooms Pro",
            4020,
            "Meeting rooms with management and analytics.",
            ALL,
            has_trial=True,
        ),
        Line("Microsoft Teams Shared Devices", 810, "Phones in halls and lobbies.", MOST),
        Line("Microsoft 365 Audio Conferencing", 395, "Dialling into meetings from any phone.", MOST),
        Line("Viva Suite", 1210, "Employee experience in one plan.", MOST),
        Line("Viva Insights", 610, "Patterns of work, for people and leaders.", MOST),
        Line("Viva Learning", 405, "Learning inside Teams.", MOST),
        Line("Viva Goals", 590, "Objectives and key results.", TRADE),
        Line(
            "Microsoft Defender for Business",
            310,
            "Endpoint protection for small companies.",
            BUSINESS,
            has_trial=True,
        ),
        Line("Microsoft Defender for Endpoint P1", 320, "Protection of endpoints.", MOST),
        Line("Microsoft Defender for Endpoint P2", 530, "Detection and response on endpoints.", ALL),
        Line("Microsoft Defender for Office 365 (Plan 1)", 205, "Safe links and attachments.", ALL),
        Line(
            "Microsoft Defender for Office 365 (Plan 2)",
            515,
            "Hunting and automation for mail threats.",
            MOST,
        ),
        Line("Microsoft Defender for Identity", 560, "Finds attacks on directories.", MOST),
        Line("Microsoft Defender for Cloud Apps", 355, "Sees and controls the use of cloud apps.", MOST),
        Line("Microsoft Defender Vulnerability Management Add-on", 205, "Finds and ranks weaknesses.", TRADE),
        Line("Microsoft Entra ID P1", 610, "Single sign-on and conditional access.", ALL, is_triennial=True),
        Line("Microsoft Entra ID P2", 910, "Identity protection and governance.", ALL),
        Line("Microsoft Entra ID Governance", 690, "Access reviews and life cycles.", MOST),
        Line("Microsoft Entra Suite", 1190, "Access to everything, verified.", TRADE),
        Line("Microsoft Intune Plan 1", 810, "Management of devices and apps.", ALL, is_triennial=True),
        Line("Microsoft Intune Plan 2", 405, "Further device management.", MOST),
        Line("Microsoft Intune Suite", 1010, "Remote help, privilege management and analytics.", MOST),
        Line("Microsoft Intune Remote Help", 355, "Helping users on their devices.", MOST),
        Line(
            "Enterprise Mobility + Security E3",
            1060,
            "Identity and device management in one plan.",
            ALL,
            is_triennial=True,
        ),
        Line(
            "Enterprise Mobility + Security E5", 1640, "E3 with advanced protection.", MOST, is_triennial=True
        ),
        Line("Microsoft Purview Suite", 1240, "Governance and protection of data.", MOST),
        Line("Azure Information Protection Premium P1", 205, "Labels and protects documents.", MOST),
        Line("Windows 365 Enterprise", 3290, "A Windows PC in the cloud.", MOST, cloud_pc),
        Line(
            "Windows 365 Business", 3290, "A Windows PC in the cloud for small companies.", BUSINESS, cloud_pc
        ),
        Line("Windows 365 Frontline", 2410, "Cloud PCs shared by shifts.", TRADE, cloud_pc[:2]),
        Line("Windows 10/11 Enterprise E3", 720, "Windows with enterprise security.", MOST),
        Line("Windows 10/11 Enterprise E5", 1130, "Windows with endpoint detection.", MOST),
        Line("Power BI Pro", 1410, "Reports to build and to share.", ALL, is_triennial=True, has_trial=True),
        Line("Power BI Premium Per User", 2420, "Large models and frequent refresh.", ALL),
        Line(
            "Power Apps Premium", 2010, "Apps without limits for each user.", ALL, ("(2,000 seat minimum)",)
        ),
        Line("Power Automate Premium", 1510, "Flows with attended desktop automation.", ALL),
        Line("Power Automate Process", 15100, "An unattended bot.", TRADE),
        Line("Power Pages authenticated users", 20100, "A hundred signed-in users of a site.", TRADE),
        Line("Copilot Studio", 20100, "Agents built without code.", TRADE),
        Line(
            "Dynamics 365 Business Central Essentials",
            7120,
            "Finance, sales and purchasing.",
            MOST,
            has_trial=True,
        ),
        Line(
            "Dynamics 365 Business Central Premium", 10200, "Essentials with service and manufacturing.", MOST
        ),
        Line("Dynamics 365 Business Central Team Members", 810, "Reading and light tasks.", MOST),
        Line(
            "Dynamics 365 Sales Professional",
            6600,
            "Core sales automation.",
            MOST,
            ("Attach to Qualifying Base",),
        ),
        Line(
            "Dynamics 365 Sales Enterprise",
            10600,
            "Sales with insight and extension.",
            MOST,
            ("Attach to Qualifying Base",),
        ),
        Line("Dynamics 365 Sales Premium", 15200, "Sales Enterprise with intelligence.", TRADE),
        Line(
            "Dynamics 365 Customer Service Professional", 5100, "Cases, knowledge and service levels.", MOST
        ),
        Line("Dynamics 365 Customer Service Enterprise", 10600, "Service over every channel.", MOST),
        Line("Dynamics 365 Field Service", 10600, "Work orders and dispatch.", MOST),
        Line(
            "Dynamics 365 Finance",
            21200,
            "Financials for large organisations.",
            MOST,
            ("Attach to Qualifying Base",),
        ),
        Line("Dynamics 365 Supply Chain Management", 21200, "Planning, production and warehouses.", MOST),
        Line("Dynamics 365 Project Operations", 13600, "Projects from deal to invoice.", MOST),
        Line("Dynamics 365 Human Resources", 13600, "People, leave and benefits.", TRADE),
        Line("Dynamics 365 Team Members", 820, "Reading and light tasks.", ALL),
        Line("Project Plan 1", 1010, "Plans and boards on the web.", ALL),
        Line(
            "Planner and Project Plan 3",
            3040,
            "Scheduling with the desktop client.",
            ALL,
            is_triennial=True,
            has_trial=True,
        ),
        Line("Planner and Project Plan 5", 5570, "Portfolios and demand.", MOST),
        Line("Visio Plan 1", 510, "Diagrams on the web.", ALL),
        Line("Visio Plan 2", 1520, "Diagrams with the desktop app.", ALL, is_triennial=True),
        Line("Clipchamp Premium", 1190, "Video editing for companies.", TRADE),
        Line("Universal Print", 405, "Printing without print servers.", MOST),
    ]


def _aws() -> list[Line]:
    def line(title: str, monthly: int, description: str, editions: tuple[str, ...] = ()) -> Line:
        return Line(
            title, monthly, description, TRADE, editions, prefix="AWS", publisher="Amazon Web Services"
        )

    return [
        line("Amazon WorkSpaces", 3500, "A managed desktop in the cloud.", ("Power", "Graphics")),
        line("Amazon WorkMail", 400, "Mail and calendar with 50 GB for each user."),
        line("Amazon QuickSight", 2400, "Dashboards for each reader and author.", ("Author Pro",)),
        line("Amazon Q Business", 2000, "An assistant over the company's documents.", ("Lite",)),
        line("Amazon Connect", 4500, "A contact centre, by agent."),
        line("Amazon Chime SDK", 700, "Meetings and messages."),
        line("AWS Business Support", 10000, "Support around the clock, by account."),
    ]


def _google() -> list[Line]:
    def line(title: str, monthly: int, description: str, segments: tuple[str, ...] = TRADE) -> Line:
        return Line(title, monthly, description, segments, prefix="GOOG", publisher="Google LLC")

    return [
        line("Google Workspace Business Starter", 750, "Mail, meetings and 30 GB for each user."),
        line("Google Workspace Business Standard", 1500, "Mail, recorded meetings and 2 TB for each user."),
        line(
            "Google Workspace Business Plus", 2300, "Archiving, endpoint management and 5 TB for each user."
        ),
        line("Google Workspace Enterprise Standard", 2800, "For organisations of any size."),
        line("Google Workspace Enterprise Plus", 3700, "Sovereignty, S/MIME and premium meetings."),
        line("Google Workspace Frontline Starter", 400, "For people who work on their feet."),
        line("Google Workspace Education Plus", 510, "For schools.", ("Education",)),
        line("Google Vault", 520, "Retention and discovery."),
        line("Chrome Enterprise Premium", 620, "A browser that protects data."),
        line("Cloud Identity Premium", 740, "Accounts, devices and single sign-on."),
    ]


def _ibm() -> list[Line]:
    def line(title: str, monthly: int, description: str) -> Line:
        return Line(title, monthly, description, TRADE, prefix="IBM", publisher="IBM")

    return [
        line("IBM MaaS360 Essentials", 480, "Device management."),
        line("IBM MaaS360 Premier", 810, "Device management with containers and a gateway."),
        line("IBM Security Verify Access", 610, "Access for staff and customers."),
        line("IBM Cognos Analytics Standard", 1120, "Reports and dashboards."),
        line("IBM Planning Analytics", 4500, "Planning and budgets."),
        line("IBM watsonx Assistant Plus", 14000, "An assistant for customers."),
        line("IBM Maximo Application Suite", 18900, "Assets, inspection and maintenance."),
        line("IBM Aspera on Cloud", 9900, "Large files at full speed."),
    ]


def _meridian() -> list[Line]:
    def line(title: str, monthly: int, description: str) -> Line:
        return Line(title, monthly, description, TRADE, prefix="MRD", publisher="Meridian Distribution")

    return [
        line(
            "Managed Backup for Microsoft 365",
            290,
            "Daily copies of mail, files and Teams, kept for seven years.",
        ),
        line("Managed Backup for servers", 2900, "Daily images of one server, kept for ninety days."),
        line("Security awareness training", 180, "Short lessons and test mails."),
        line("Managed firewall", 6900, "A firewall, watched around the clock."),
        line("Onboarding service", 1500, "Moving in, by user."),
        line("Helpdesk around the clock", 950, "People who answer, day and night."),
    ]


LINES: dict[str, list[Line]] = {
    "microsoft": _microsoft(),
    "aws": _aws(),
    "google": _google(),
    "ibm": _ibm(),
    "meridian": _meridian(),
}
"""By the vendor's key."""
