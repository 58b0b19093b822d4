"""More of Microsoft's: Dynamics 365, Power Platform, Azure and add-ons; list prices are invented."""

from app.demo.products.line import ALL, MOST, TRADE, Line


def microsoft_business() -> list[Line]:
    """What companies add once they have the basics."""
    return [
        Line(
            "Microsoft 365 E5 eDiscovery and Audit", 600, "Search, hold and audit of what was written.", MOST
        ),
        Line("Microsoft 365 E5 Information Protection and Governance", 720, "Labels and retention.", MOST),
        Line("Microsoft 365 E5 Insider Risk Management", 600, "Signals of risk from within.", MOST),
        Line("Microsoft 365 F5 Compliance Add-on", 810, "Compliance for frontline workers.", MOST),
        Line("Microsoft 365 Archive", 510, "Sites that nobody needs every day, kept cheaply.", TRADE),
        Line("Microsoft 365 Backup", 1510, "Fast restores of mail, files and sites.", TRADE),
        Line(
            "Microsoft Teams Phone with Pay-As-You-Go Calling", 1310, "A phone system, minutes by use.", TRADE
        ),
        Line("Microsoft Teams Calling Plan Domestic", 1210, "Domestic minutes for a phone system.", TRADE),
        Line("Microsoft Teams Calling Plan International", 2410, "International minutes.", TRADE),
        Line("Microsoft Teams Rooms Basic", 105, "Meeting rooms, up to twenty-five.", MOST),
        Line("Viva Glint", 610, "Surveys that are heard.", MOST),
        Line("Viva Pulse", 205, "Short questions within a team.", TRADE),
        Line("Viva Employee Communications and Communities", 205, "News and communities.", MOST),
        Line("Microsoft Defender for IoT", 1410, "Sees the devices that nobody counts.", TRADE),
        Line("Microsoft Defender for Business servers", 310, "Endpoint protection of servers.", TRADE),
        Line(
            "Microsoft Defender Suite", 1210, "Protection of identity, mail, devices and apps in one.", MOST
        ),
        Line("Microsoft Entra Private Access", 510, "Private apps without a VPN.", MOST),
        Line("Microsoft Entra Internet Access", 510, "A gateway that knows who asks.", MOST),
        Line("Microsoft Entra Workload ID Premium", 310, "Conditional access for programs.", TRADE),
        Line(
            "Microsoft Intune Endpoint Privilege Management",
            310,
            "Rights for the moment they are needed.",
            MOST,
        ),
        Line("Microsoft Intune Enterprise Application Management", 205, "Apps kept up to date.", MOST),
        Line("Microsoft Purview Data Loss Prevention", 410, "Stops what should not leave.", TRADE),
        Line("Power BI Premium P1", 499500, "Reports for everybody, by capacity.", TRADE),
        Line("Power Apps per app", 510, "One app for one user.", MOST),
        Line("Power Automate Hosted Process", 21600, "A bot in a machine of Microsoft's.", TRADE),
        Line("Power Pages anonymous users", 7600, "Five hundred visitors of a site.", TRADE),
        Line("Dataverse Database Capacity", 4060, "One more gigabyte for tables.", MOST),
        Line("Dataverse File Capacity", 205, "One more gigabyte for files.", MOST),
        Line("AI Builder Capacity add-on", 50500, "A million credits for models.", TRADE),
        Line(
            "Dynamics 365 Commerce",
            21200,
            "Shops, online and in the street.",
            MOST,
            ("Attach to Qualifying Base",),
        ),
        Line("Dynamics 365 Customer Insights", 172000, "What is known of customers, in one place.", TRADE),
        Line("Dynamics 365 Contact Center", 11200, "Voice and chat with customers.", MOST),
        Line("Dynamics 365 Customer Voice", 20100, "Surveys, two thousand answers.", TRADE),
        Line("Dynamics 365 Customer Service Premium", 19700, "Service with voice and assistants.", MOST),
        Line("Dynamics 365 Finance Premium", 30300, "Finance with planning.", TRADE),
        Line(
            "Dynamics 365 Supply Chain Management Premium", 30300, "Supply chain with demand planning.", TRADE
        ),
        Line("Dynamics 365 Intelligent Order Management", 30300, "A thousand order lines.", TRADE),
        Line("Dynamics 365 Business Central Device", 4060, "One device on the shop floor.", MOST),
        Line("Dynamics 365 Operations - Activity", 5060, "Warehouse and shop-floor work.", MOST),
        Line("Dynamics 365 Field Service Contractor", 5060, "Work orders for contractors.", TRADE),
        Line("Windows 365 Reserve", 2010, "A cloud PC for ten days when one is needed.", TRADE),
        Line("Azure Information Protection Premium P2", 510, "Labels that are set by themselves.", MOST),
        Line("Azure DevOps Basic Plan", 600, "Boards, repositories and pipelines.", ALL),
        Line("Azure DevOps Basic + Test Plans", 5200, "Basic with manual and exploratory tests.", TRADE),
    ]
